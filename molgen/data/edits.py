"""Edits of a sequence: a residue for another, residues left out, put in, doubled or replaced, as panels and papers write them."""

from __future__ import annotations

import re

EDIT = re.compile(
    r"(?P<first>[A-Z])(?P<start>\d+)(?:[_-]?(?P<last>[A-Z])(?P<end>\d+))?(?P<kind>delins|del|ins|dup)?(?P<instead>[A-Z]*)", re.ASCII
)
_BETWEEN = re.compile(r"[,;/+\s]+|(?<=\d[A-Z])[-_](?=[A-Z]\d)")  # a hyphen parts V559D-T670I, and not E746-A750del
_WILD = re.compile(r"^(?:wt|wild[-_\s]?type)(?![A-Za-z0-9])[-_:,;/+\s]*", re.IGNORECASE)
_CODE = re.compile(r"[A-Z][a-z]{2}(?![a-z])")
_HGVS = re.compile(r"(?<![A-Za-z0-9])p\.(?:\(([^()]*)\))?")  # brackets say that nobody has looked at the protein itself
_FORMS = "V600E, Val600Glu, E746_A750del, E746_A750delinsIP, D770_N771insSVD or V769_D770dup"
_LETTERS = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G", "His": "H", "Ile": "I",
    "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Ser": "S", "Thr": "T", "Trp": "W", "Tyr": "Y", "Val": "V",
}  # fmt: skip


class UnreadableError(ValueError):
    """What is wrong with one protein: a row's reason, never seen outside this room."""


def unbracketed(text: str) -> str:
    """A protein's name and edits, those without the brackets that HGVS puts around what was not looked at.

    >>> unbracketed("ABC1(p.(Lys2Arg))")
    'ABC1(Lys2Arg)'
    """
    return _HGVS.sub(lambda found: found[1] or "", text)


def plain(edits: str) -> str:
    """The same in letters, without the `p.` of HGVS.

    >>> plain("p.Leu858Arg, Glu746_Ala750delinsIlePro"), plain("p.(Thr790Met)")
    ('L858R, E746_A750delinsIP', 'T790M')
    """
    return _CODE.sub(lambda code: _LETTERS.get(code[0], code[0]), unbracketed(edits))


def reads_as_edits(text: str) -> bool:
    """Whether plain text is edits and nothing else; `wt` says that there are none.

    >>> reads_as_edits("L858R/T790M"), reads_as_edits("wt"), reads_as_edits("alpha")
    (True, True, False)
    """
    return bool(text.strip()) and all(_form(one) for one in _each(text))


def edited(sequence: str, edits: str, *, shift: int) -> str:
    """The sequence with the plain edits made, whose numbers begin after `shift` residues; one that can't be is an UnreadableError.

    >>> edited("MKTAYI", "K2R, T3_A4insWW", shift=0)
    'MRTWWAYI'
    """
    pieces, done, last = [], 0, (-1, -1)
    for start, end, instead in sorted(_edit(text, sequence, shift) for text in _each(edits)):
        if start < done or (start, end) == last:
            raise UnreadableError(f"two edits of residue {start + 1 - shift}")
        pieces += [sequence[done:start], instead]
        done, last = end, (start, end)
    return "".join([*pieces, sequence[done:]])


def _each(edits: str) -> list[str]:
    """One edit a text; none for the wild type, which may stand before edits of it."""
    return [text for text in _BETWEEN.split(_WILD.sub("", edits.strip())) if text]


def _edit(text: str, sequence: str, shift: int) -> tuple[int, int, str]:
    """Where residues are taken out, from 0, and what is put there."""
    found = _form(text)
    if found is None:
        raise UnreadableError(f"no edit: {text!r}, want one like {_FORMS}")
    start, end = int(found["start"]), int(found["end"] or found["start"])
    for letter, number in ((found["first"], start), (found["last"] or found["first"], end)):
        if not 1 <= number + shift <= len(sequence):
            raise UnreadableError(f"{text}: there are {len(sequence)} residues" + (f", from {1 - shift} on" if shift else ""))
        if sequence[number + shift - 1] != letter:
            raise UnreadableError(f"{text}: residue {number} is {sequence[number + shift - 1]}")
    if end < start:
        raise UnreadableError(f"{text}: ends before it begins")
    if found["kind"] == "dup":
        return end + shift, end + shift, sequence[start + shift - 1 : end + shift]
    if found["kind"] != "ins":
        return start + shift - 1, end + shift, found["instead"]
    if end != start + 1:
        raise UnreadableError(f"{text}: {start} and {end} are no neighbours")
    return start + shift, start + shift, found["instead"]


def _form(text: str) -> re.Match[str] | None:
    """The parts of an edit; None for what is none."""
    found = EDIT.fullmatch(text)
    if found is None:
        return None
    # A residue for another has one letter at its end, what is left out none, what is put in or in its place any number.
    letters = {None: (1,), "del": (0,), "dup": (0,), "delins": range(1, 100), "ins": range(1, 100)}[found["kind"]]
    ends = {None: (False,), "ins": (True,)}.get(found["kind"], (False, True))  # one is put between two
    return found if len(found["instead"]) in letters and bool(found["end"]) in ends else None
