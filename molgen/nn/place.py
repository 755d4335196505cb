"""Where one is in a SMILES: branches and rings that are open, and how far away their atoms are.

A network that reads it beside each token need not count atoms itself, which is what small ones get wrong: it knows that closing ring
one here makes a ring of six.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_NUMBERS = ("1", "2", "3", "4")  # rings that are told; hardly a molecule has five open at once
_FARTHEST = 9  # bonds, and more
RING_CODES = 2 * (_FARTHEST + 1) + 1  # closed; else by distance, begun at an aromatic atom or not
DEPTH_CODES = 6  # branches, and more
CODES = len(_NUMBERS) + 1  # numbers that tell a place


class Step(NamedTuple):
    """What a unit of a SMILES does: `kind` is one of those below."""

    kind: int
    number: str = ""  # of a ring


_ATOM, _AROMATIC, _OPENS, _CLOSES, _RING, _BOND, _BEGINS, _INSIDE, _ENDS = range(9)
BEGINS, INSIDE, ENDS = Step(_BEGINS), Step(_INSIDE), Step(_ENDS)  # an atom that is spelled
_MARKS = {"(": _OPENS, ")": _CLOSES, **dict.fromkeys("=#-:/\\.~$", _BOND)}


def step_of(unit: str) -> Step:
    """What a unit does: an atom, a bond, a branch or a ring number."""
    if unit in _MARKS:
        return Step(_MARKS[unit])
    if unit.isdigit() or unit.startswith("%"):
        return Step(_RING, unit)
    element = unit.lstrip("[0123456789")
    return Step(_AROMATIC if element[:1].islower() else _ATOM)


class Place:
    """A place in a text, moved on by `read`.

    >>> place = Place()
    >>> place.read([step_of(unit) for unit in "c1ccc(C"])
    >>> place.depth, place.distance("1")
    (1, 4)
    """

    __slots__ = ("_aromatic", "_branches", "_height", "_rings", "spelling")

    def __init__(self) -> None:
        self._height = 0  # atoms from the first to this one
        self._aromatic = False
        self._branches: list[tuple[int, bool]] = []  # height and kind of the atom each goes off
        self._rings: dict[str, tuple[int, int, bool]] = {}  # by number: height, bonds off the way from there, kind
        self.spelling = False

    @property
    def depth(self) -> int:
        """Open branches."""
        return len(self._branches)

    @property
    def whole(self) -> bool:
        """Whether a text may end here."""
        return not (self._branches or self._rings or self.spelling)

    def distance(self, number: str) -> int | None:
        """Bonds from the atom where a ring was begun to this one, None when it is not open."""
        if number not in self._rings:
            return None
        height, off, _ = self._rings[number]
        return self._height - height + off

    def codes(self) -> tuple[int, ...]:
        """[CODES], the four rings and the depth as small numbers."""
        rings = self._rings
        if not rings:
            return (0, 0, 0, 0, min(len(self._branches), DEPTH_CODES - 1))
        found = [0] * CODES
        for i, number in enumerate(_NUMBERS):
            if number in rings:
                height, off, aromatic = rings[number]
                found[i] = 1 + min(self._height - height + off, _FARTHEST) + (_FARTHEST + 1) * aromatic
        found[-1] = min(len(self._branches), DEPTH_CODES - 1)
        return tuple(found)

    def read(self, steps: Sequence[Step]) -> None:
        """Goes on by these; a branch that is not open is not closed."""
        for kind, number in steps:
            if kind <= _AROMATIC:
                self._height += 1
                self._aromatic = kind == _AROMATIC
            elif kind == _RING:
                if self._rings.pop(number, None) is None:
                    self._rings[number] = (self._height, 0, self._aromatic)
            elif kind == _OPENS:
                self._branches.append((self._height, self._aromatic))
            elif kind == _CLOSES:
                self._back()
            elif kind == _BEGINS:
                self._height += 1
                self._aromatic, self.spelling = False, True
            elif kind == _ENDS:
                self.spelling = False

    def _back(self) -> None:
        if not self._branches:
            return
        self._height, self._aromatic = self._branches.pop()
        for number, (height, off, aromatic) in self._rings.items():
            if height > self._height:  # begun in the branch that is left
                self._rings[number] = (self._height, off + height - self._height, aromatic)


def closes(steps: Sequence[Step]) -> int:
    """How many branches have to be open for these steps."""
    depth = lowest = 0
    for kind, _ in steps:
        depth += (kind == _OPENS) - (kind == _CLOSES)
        lowest = min(lowest, depth)
    return -lowest
