"""SMILES as tokens: atoms, bonds and brackets, and runs of them so common that they are read as one.

Runs as in SMILES pair encoding (Li, Fourches, J. Chem. Inf. Model. 61 (2021) 1560). Whatever atom is not among them is spelled
letter by letter, so there is no SMILES that can't be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from molgen.base.errors import MolgenError
from molgen.nn.place import BEGINS, ENDS, INSIDE, Place, Step, step_of

END = 0  # also fills up rows
STYLES = ("lead", "drug", "any")  # the first token says what is to be written; "any": a drug, from any of its atoms on
FIRST_STYLE = 1
_LETTERS = tuple(chr(code) for code in range(33, 127))  # of atoms that are spelled
_FIRST_LETTER = FIRST_STYLE + len(STYLES)
_UNIT = re.compile(r"\[[^\]]*\]|Br|Cl|%\d\d|.", re.DOTALL)


def units(smiles: str) -> list[str]:
    """Atoms, bonds, ring closures and branches of a SMILES, in order.

    >>> units("C[C@H](Cl)c1ccccc1")[:6]
    ['C', '[C@H]', '(', 'Cl', ')', 'c']
    """
    return _UNIT.findall(smiles)


class Tokens:
    """What a language model reads and writes: `pieces`, and the means to spell what they do not cover.

    >>> tokens = Tokens(["C", "O", "CC"])
    >>> tokens.text(tokens.encode("CCO[Xe]C", "drug"))
    'CCO[Xe]C'
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = tuple(pieces)
        self._texts = ("", *("" for _ in STYLES), *_LETTERS, *self.pieces)
        first = _FIRST_LETTER + len(_LETTERS)
        self._of = {piece: first + i for i, piece in enumerate(self.pieces)}
        self._longest = max(map(len, self.pieces), default=1)

    def __len__(self) -> int:
        return len(self._texts)

    def encode(self, smiles: str, style: str) -> list[int]:
        """The style, then the longest piece that fits at each place; the end is not written."""
        if style not in STYLES:
            raise MolgenError(f"no style {style!r}", where="style", fix=f"one of {', '.join(STYLES)}")
        return [FIRST_STYLE + STYLES.index(style), *self.read(smiles)]

    def read(self, smiles: str) -> list[int]:
        """The tokens of a text alone, which may be the beginning of a SMILES."""
        found: list[int] = []
        place = 0
        while place < len(smiles):
            for stop in range(min(place + self._longest, len(smiles)), place, -1):
                token = self._of.get(smiles[place:stop])
                # Half of Cl or Br is another element.
                if token is not None and smiles[stop - 1 : stop + 1] not in ("Cl", "Br"):
                    found.append(token)
                    place = stop
                    break
            else:
                spelled = _UNIT.match(smiles, place)
                assert spelled is not None
                found += [self._letter(letter) for letter in spelled.group()]
                place = spelled.end()
        return found

    def places(self, tokens: Iterable[int]) -> list[tuple[int, ...]]:
        """Where one is after each token, as `Place` tells it."""
        place, found = Place(), []
        for token in tokens:
            place.read(self.steps[token])
            found.append(place.codes())
        return found

    def text(self, tokens: Iterable[int]) -> str:
        """What was written, up to the end."""
        texts: list[str] = []
        for token in tokens:
            if token == END:
                break
            texts.append(self._texts[token])
        return "".join(texts)

    @cached_property
    def steps(self) -> tuple[tuple[Step, ...], ...]:
        """What each token does to a text, see `Place`."""
        brackets = {"[": BEGINS, "]": ENDS}
        letters = ((brackets.get(letter, INSIDE),) for letter in _LETTERS)
        return ((), *(() for _ in STYLES), *letters, *(tuple(map(step_of, units(piece))) for piece in self.pieces))

    def _letter(self, letter: str) -> int:
        if letter not in _LETTERS:
            raise MolgenError(f"{letter!r} is no letter of SMILES", where="smiles")
        return _FIRST_LETTER + _LETTERS.index(letter)
