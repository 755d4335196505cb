"""Where one is in a SMILES: branches and rings that are open, how far away their atoms are, and how aromatic electrons stand.

A network that reads it beside each token need not count itself, which is what small ones get wrong: it knows that closing ring one
here makes a ring of six, and whether all aromatic atoms so far can be paired by double bonds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_NUMBERS = ("1", "2", "3", "4")  # rings that are told; hardly a molecule has five open at once
_FARTHEST = 9  # bonds, and more
RINGS = len(_NUMBERS)
RING_CODES = 2 * (_FARTHEST + 1) + 1  # closed; else by distance, begun at an aromatic atom or not
DEPTH_CODES = 6  # branches, and more
ELECTRON_CODES = 3  # not at an aromatic atom; at one of a system with an even number of atoms to pair, or an odd one
CODES = RINGS + 2  # numbers that tell a place: rings, depth, electrons


class Step(NamedTuple):
    """What a unit of a SMILES does: `kind` is one of those below."""

    kind: int
    what: str = ""  # a ring's number, a bond's or branch's mark, what an aromatic atom wants


_ATOM, _AROMATIC, _OPENS, _CLOSES, _RING, _BOND, _BEGINS, _INSIDE, _ENDS = range(9)
BEGINS, INSIDE, ENDS = Step(_BEGINS), Step(_INSIDE), Step(_ENDS)  # an atom that is spelled
_MARKS = {"(": _OPENS, ")": _CLOSES, **dict.fromkeys("=#-:/\\.~$", _BOND)}
_LONE, _PAIRED, _OF_TWO = "lone", "paired", "of two"  # wants no double bond in the ring; wants one; only while it has two neighbours
_NONE = -1  # of aromatic atoms
_SYMBOL = re.compile(r"\[?\d*(se|te|as|si|[a-z])")


def step_of(unit: str) -> Step:
    """What a unit does: an atom, a bond, a branch or a ring number."""
    if unit in _MARKS:
        return Step(_MARKS[unit], unit)
    if unit.isdigit() or unit.startswith("%"):
        return Step(_RING, unit)
    aromatic = _SYMBOL.match(unit)
    return Step(_AROMATIC, _wish(aromatic[1], unit)) if aromatic else Step(_ATOM)


def _wish(symbol: str, unit: str) -> str:
    if symbol == "c":
        return _LONE if "-" in unit or "+" in unit else _PAIRED
    if "+" in unit:
        return _PAIRED
    return _OF_TWO if symbol in ("n", "p", "as") and "H" not in unit and "-" not in unit else _LONE


class Place:
    """A place in a text, moved on by `read`.

    >>> place = Place()
    >>> place.read([step_of(unit) for unit in "c1ccc(C"])
    >>> place.depth, place.distance("1")
    (1, 4)
    """

    __slots__ = ("_aromatic", "_bonds", "_branches", "_height", "_mark", "_odd", "_rings", "_system", "_wishes", "spelling")

    def __init__(self) -> None:
        self._height = 0  # atoms from the first to this one
        self._aromatic = _NONE  # which aromatic atom this is
        self._wishes: list[str] = []  # of each aromatic atom
        self._bonds: list[int] = []  # of each, so far
        self._system: list[int] = []  # of each: aromatic atoms that are bonded to each other
        self._odd: list[bool] = []  # whether the number of atoms to pair by double bonds is, of each system; not of one that is in another
        self._mark = ""  # of the bond that has been written, until it leads anywhere
        self._branches: list[tuple[int, int]] = []  # height of the atom each goes off, and which aromatic atom that is
        self._rings: dict[str, tuple[int, int, int]] = {}  # by number: height, bonds off the way from there, which aromatic atom
        self.spelling = False

    def copy(self) -> Place:
        """The same, to go on another way."""
        other = Place.__new__(Place)
        other._height, other._aromatic, other._mark, other.spelling = self._height, self._aromatic, self._mark, self.spelling
        other._wishes, other._bonds, other._system, other._odd = self._wishes[:], self._bonds[:], self._system[:], self._odd[:]
        other._branches, other._rings = self._branches[:], self._rings.copy()
        return other

    @property
    def depth(self) -> int:
        """Open branches."""
        return len(self._branches)

    @property
    def whole(self) -> bool:
        """Whether a text may end here."""
        return not (self._branches or self._rings or self.spelling)

    @property
    def odd(self) -> bool | None:
        """Whether the aromatic system of this atom has an odd number of atoms to pair by double bonds; None for no such atom."""
        return None if self._aromatic == _NONE else self._odd[self._system[self._aromatic]]

    @property
    def paired(self) -> bool:
        """Whether each aromatic system has an even number of atoms to pair, as it must where a text ends."""
        return not any(self._odd)

    def distance(self, number: str) -> int | None:
        """Bonds from the atom where a ring was begun to this one, None when it is not open."""
        if number not in self._rings:
            return None
        height, off, _ = self._rings[number]
        return self._height - height + off

    def codes(self) -> tuple[int, ...]:
        """[CODES], the four rings, the depth and the electrons as small numbers."""
        depth = min(len(self._branches), DEPTH_CODES - 1)
        odd, rings = self.odd, self._rings
        electrons = 0 if odd is None else 1 + odd
        if not rings:
            return (0, 0, 0, 0, depth, electrons)
        found = [0, 0, 0, 0, depth, electrons]
        for i, number in enumerate(_NUMBERS):
            if number in rings:
                height, off, aromatic = rings[number]
                found[i] = 1 + min(self._height - height + off, _FARTHEST) + (_FARTHEST + 1) * (aromatic != _NONE)
        return tuple(found)

    def read(self, steps: Sequence[Step]) -> None:
        """Goes on by these; a branch that is not open is not closed."""
        for kind, what in steps:
            if kind == _ATOM:
                self._atom()
            elif kind == _AROMATIC:
                self._aromatic_atom(what)
            elif kind == _RING:
                self._ring(what)
            elif kind == _BOND:
                self._mark = what
            elif kind == _OPENS:
                self._branches.append((self._height, self._aromatic))
            elif kind == _CLOSES:
                self._back()
            elif kind == _BEGINS:
                self._atom()
                self.spelling = True
            elif kind == _ENDS:
                self.spelling = False

    def _atom(self) -> None:
        """The next one."""
        if self._aromatic != _NONE:
            self._bind(self._mark)
            self._aromatic = _NONE
        self._mark = ""
        self._height += 1

    def _aromatic_atom(self, wish: str) -> None:
        """The next one; of the system of the one before it, if that is aromatic and no bond is written between them."""
        before, mark = self._aromatic, self._mark
        self._bind(mark)
        if before == _NONE or mark:
            system = len(self._odd)
            self._odd.append(wish != _LONE)
        else:
            system = self._system[before]
            self._odd[system] ^= wish != _LONE
        self._aromatic = len(self._wishes)
        self._wishes.append(wish)
        self._bonds.append(0)
        self._system.append(system)
        if self._height:
            self._bind(mark)
        self._height += 1

    def _ring(self, number: str) -> None:
        """Begins one here, or closes it."""
        begun, mark = self._rings.pop(number, None), self._mark
        self._bind(mark)
        if begun is None:
            self._rings[number] = (self._height, 0, self._aromatic)
        elif begun[2] != _NONE and mark == "=":  # which nobody knew when it was begun
            self._bond(begun[2], mark)
        elif begun[2] != _NONE and self._aromatic != _NONE and not mark:
            self._meet(self._system[self._aromatic], self._system[begun[2]])

    def _bind(self, mark: str) -> None:
        """This atom has one more bond."""
        if self._aromatic != _NONE and mark != ".":
            self._bond(self._aromatic, mark)
        self._mark = ""

    def _bond(self, atom: int, mark: str) -> None:
        """An aromatic atom has one more bond; a double one leads out of its system."""
        self._bonds[atom] += 1
        wish = self._wishes[atom]
        if wish != _LONE and (mark == "=" or (wish == _OF_TWO and self._bonds[atom] > 2)):
            self._wishes[atom] = _LONE
            self._odd[self._system[atom]] ^= True

    def _meet(self, one: int, two: int) -> None:
        """Both systems are one."""
        if one != two:
            self._odd[one] ^= self._odd[two]
            self._odd[two] = False
            self._system = [one if system == two else system for system in self._system]

    def _back(self) -> None:
        if not self._branches:
            return
        self._height, self._aromatic = self._branches.pop()
        self._mark = ""
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
