"""Many SMILES at once through the same gate as one: what `parse` checks letter by letter, checked for a thousand texts together."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.chem.parse import Limits, Parsed, parse

_CHUNK = 1_000
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
_UPPER, _LOWER = 1, 2
_KIND = np.array([_UPPER * letter.isupper() + _LOWER * letter.islower() for letter in map(chr, range(128))], dtype=np.int8)


def parse_all(texts: Sequence[str], limits: Limits = Limits()) -> list[Parsed]:
    """Each text's molecule or the reason for its absence, in order: ``[parse(text, limits) for text in texts]``, sooner.

    >>> [parsed.reason for parsed in parse_all(["CCO", "C1CC"])]
    ['', 'ring 1 is opened and never closed']
    """
    return list(parse_each(texts, limits))


def parse_each(texts: Iterable[str], limits: Limits = Limits()) -> Iterator[Parsed]:
    """The same one after another, for texts that are many: a thousand are in memory at once."""
    drawn = iter(texts)
    while chunk := list(islice(drawn, _CHUNK)):
        yield from _parse_chunk(chunk, limits)


def _parse_chunk(texts: list[str], limits: Limits) -> list[Parsed]:
    read, as_written, fit = Chem.MolFromSmiles, _as_written(), range(1, limits.heavy_atoms + 1)
    parsed = []
    with BlockLogs():
        for text, written in zip(texts, plainly_written(texts, limits.characters).tolist()):
            mol = None
            if written in fit:
                mol = read(text) if "[H" in text else read(text, as_written)
            if mol is None or mol.GetNumHeavyAtoms() != written:
                parsed.append(parse(text, limits))  # which finds the reason, if there is one
            else:
                parsed.append(Parsed(mol))
    return parsed


def _as_written() -> Chem.SmilesParserParams:
    """RDKit's usual way, but for the search for hydrogen atoms to merge: where none is written, it only takes time."""
    params = Chem.SmilesParserParams()
    params.removeHs = False  # type: ignore[assignment]  # the stubs have it the wrong way round
    return params


def plainly_written(texts: Sequence[str], characters: int = _LONGEST) -> NDArray[np.int64]:  # [texts]
    """How many heavy atoms each text names, -1 where it has to go through `parse`.

    Plain is a text of up to `characters`, of letters, digits and the commonest signs, brackets holding an element first.
    It has no room for blanks, wildcards, queries, reactions, extensions or anything else that `parse` looks for.

    >>> plainly_written(["CC[NH3+]", "[H]Cl", "[13CH4]", " C"]).tolist()
    [3, 1, -1, -1]
    """
    short = ["" if len(text) > min(characters, _LONGEST) else text for text in texts]
    joined = "".join(short)
    ends = np.cumsum(np.fromiter(map(len, short), dtype=np.int64, count=len(short)))
    letters = np.frombuffer(joined.encode("ascii", "replace") + b"\0\0\0", dtype=np.uint8)  # "?" for others, which is odd
    running = np.concatenate([[0], np.cumsum(_WEIGHTS[letters])])  # [characters + 4], before each
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
    """Of each bracket in plain texts: its text, whether it holds an element first, and heavy atoms less heavy letters."""
    signs = np.flatnonzero((letters == ord("[")) | (letters == ord("]")))
    text = np.searchsorted(ends, signs, side="right")
    signs, text = signs[plain[text]], text[plain[text]]
    begin, end, text = signs[0::2], signs[1::2], text[0::2]  # a plain text has as many of one as of the other
    first, second = _KIND[letters[begin + 1]], _KIND[letters[begin + 2]]
    sound = (letters[begin] == ord("[")) & (letters[end] == ord("]")) & (first > 0)
    heavy = (letters[begin + 1] != ord("H")) | (second == _LOWER)
    return text, sound, heavy - ((running[end] - running[begin]) & 0x7FFF)
