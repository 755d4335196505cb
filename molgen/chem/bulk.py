"""Many SMILES at once through the same gate as one: what `parse` checks letter by letter, checked for a thousand texts together."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.chem.parse import Limits, Parsed, parse, written_heavy_atoms

_CHUNK = 1_000  # texts looked at together; their molecules are read one by one
_LONGEST = 4_000  # characters; what is longer is parsed alone

# What each character adds to four counters of 15 bits in one integer: heavy atoms, [, ], and what only `parse` can judge.
_HEAVY, _OPEN, _CLOSE, _ODD = (1 << shift for shift in (0, 15, 30, 45))
_PLAIN = "()=#-+@/\\.%:" + string.ascii_letters + string.digits
_Integers = NDArray[np.int64]
_WEIGHTS: _Integers = np.array(
    [
        {"[": _OPEN, "]": _CLOSE}.get(letter, (letter in "BCNOPSFIbcnops") * _HEAVY if letter in _PLAIN else _ODD)
        for letter in map(chr, range(256))
    ],
    dtype=np.int64,
)
_UPPER, _LOWER, _DIGIT = 1, 2, 4
_KIND = np.array(
    [_UPPER * letter.isupper() + _LOWER * letter.islower() + _DIGIT * letter.isdecimal() for letter in map(chr, range(128))], dtype=np.int8
)
_ISOTOPE = 3  # digits that one has at most


def parse_all(texts: Sequence[str], limits: Limits = Limits()) -> list[Parsed]:
    """Each text's molecule or the reason for its absence, in order: ``[parse(text, limits) for text in texts]``, sooner.

    >>> [parsed.reason for parsed in parse_all(["CCO", "C1CC"])]
    ['', 'ring 1 is opened and never closed']
    """
    return list(parse_each(texts, limits))


def parse_each(texts: Iterable[str], limits: Limits = Limits()) -> Iterator[Parsed]:
    """The same one after another, for texts that are many: each molecule is read when it is asked for."""
    return _parse(texts, limits, _whole())


def graph_mols(texts: Iterable[str], limits: Limits = Limits()) -> Iterator[Chem.Mol | None]:
    """Molecules for those who ask only for atoms, bonds and rings, None for a text that `parse` refuses.

    RDKit looks at every atom and double bond for stereo that the text might have marked; here it does so only where the
    text marks some. What is left out shows in nothing but the ranks and possible centres that it notes down on atoms.

    >>> [None if mol is None else mol.GetNumAtoms() for mol in graph_mols(["CCO", "C1CC"])]
    [3, None]
    """
    return (parsed.mol for parsed in _parse(texts, limits, _bare()))


_Read = Callable[[str], Chem.Mol | None]


def _parse(texts: Iterable[str], limits: Limits, read: _Read) -> Iterator[Parsed]:
    drawn, fit = iter(texts), range(1, limits.heavy_atoms + 1)
    while chunk := list(islice(drawn, _CHUNK)):
        with BlockLogs():
            for text, written in zip(chunk, plainly_written(chunk, limits.characters).tolist()):
                mol = read(text) if written in fit else None
                sound = mol is not None and mol.GetNumHeavyAtoms() == written
                yield Parsed(mol) if sound else parse(text, limits)  # which finds the reason, if there is one
                del mol  # before the next is read, into the memory it had


def _whole() -> _Read:
    """RDKit's usual way, but for the search for hydrogen atoms to merge: where none is written, it only takes time."""
    read, as_written = Chem.MolFromSmiles, _as_written()
    return lambda text: read(text) if "[H" in text else read(text, as_written)


def _bare() -> _Read:
    """The same without a search for stereo, where none is marked and no hydrogen atom is to be merged."""
    whole, read, unchecked = _whole(), Chem.MolFromSmiles, _as_written()
    unchecked.sanitize = False  # type: ignore[assignment]  # as below
    sanitize, sound = Chem.SanitizeMol, Chem.SanitizeFlags.SANITIZE_NONE

    def bare(text: str) -> Chem.Mol | None:
        if "@" in text or "/" in text or "\\" in text or "[H" in text:
            return whole(text)
        mol = read(text, unchecked)
        return mol if mol is not None and sanitize(mol, catchErrors=True) == sound else None

    return bare


def _as_written() -> Chem.SmilesParserParams:
    params = Chem.SmilesParserParams()
    params.removeHs = False  # type: ignore[assignment]  # the stubs have it the wrong way round
    return params


def heavy_atoms(texts: Sequence[str]) -> NDArray[np.int64]:  # [texts]
    """How many heavy atoms each SMILES has, by what is written.

    >>> heavy_atoms(["CC[NH3+]", "*C |$R1;$|"]).tolist()
    [3, 1]
    """
    counts = plainly_written(texts)
    for i in np.flatnonzero(counts < 0).tolist():
        counts[i] = written_heavy_atoms(texts[i])
    return counts


def plainly_written(texts: Sequence[str], characters: int = _LONGEST) -> NDArray[np.int64]:  # [texts]
    """How many heavy atoms each text names, -1 where it has to go through `parse`.

    Plain is a text of up to `characters`, of letters, digits and the commonest signs, brackets holding an element first
    or an isotope. It has no room for blanks, wildcards, queries, reactions, extensions or anything else that `parse` looks for.

    >>> plainly_written(["CC[NH3+]", "[H]Cl", "[13CH4]", "[#6]", " C"]).tolist()
    [3, 1, 1, -1, -1]
    """
    short = ["" if len(text) > min(characters, _LONGEST) else text for text in texts]
    joined = "".join(short)
    ends = np.cumsum(np.fromiter(map(len, short), dtype=np.int64, count=len(short)))
    letters = np.frombuffer(joined.encode("ascii", "replace") + bytes(_ISOTOPE + 3), dtype=np.uint8)  # "?" for others, which is odd
    running = np.concatenate([[0], np.cumsum(_WEIGHTS[letters])])  # [characters + padding + 1], before each
    counts = running[ends] - running[np.concatenate([[0], ends])[:-1]]
    opened, closed = counts >> 15 & 0x7FFF, counts >> 30 & 0x7FFF
    written = counts & 0x7FFF
    plain = (counts < _ODD) & (counts > 0) & (opened == closed)
    if opened[plain].any():
        text, sound, more = _in_brackets(letters, running, ends, plain)
        written += np.bincount(text, more, minlength=len(written)).astype(np.int64)
        plain[text[~sound]] = False
    return np.where(plain, written, -1)


def _in_brackets(
    letters: NDArray[np.uint8], running: _Integers, ends: _Integers, plain: NDArray[np.bool_]
) -> tuple[_Integers, NDArray[np.bool_], _Integers]:
    """Of each bracket in plain texts: its text, whether it holds an element or an isotope first, and heavy atoms less heavy letters."""
    signs = np.flatnonzero((letters == ord("[")) | (letters == ord("]")))
    text = np.searchsorted(ends, signs, side="right")
    signs, text = signs[plain[text]], text[plain[text]]
    begin, end, text = signs[0::2], signs[1::2], text[0::2]  # a plain text has as many of one as of the other
    element = begin + 1
    named = letters[element] != ord("0")  # isotope 0 is none: what it stands before may be a hydrogen atom to merge
    for _ in range(_ISOTOPE):
        element = element + (_KIND[letters[element]] == _DIGIT)
    first, second = _KIND[letters[element]], _KIND[letters[element + 1]]
    sound = named & (letters[begin] == ord("[")) & (letters[end] == ord("]")) & ((first == _UPPER) | (first == _LOWER))
    heavy = (letters[element] != ord("H")) | (second == _LOWER)
    return text, sound, heavy - ((running[end] - running[begin]) & 0x7FFF)
