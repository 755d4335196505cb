"""How a molecule is made: a reaction and what goes into it, down to blocks from the shelf."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """A reaction, its inputs in the order of its roles, and what comes of it.

    >>> amide = Route("amide coupling", ("EN300-1", "EN300-2"), "CNC(=O)c1ccc(Br)cc1")
    >>> Route("Suzuki coupling", (amide, "EN300-3"), "CNC(=O)c1ccc(-c2ccccc2)cc1").text
    'Suzuki coupling of (amide coupling of EN300-1 and EN300-2) and EN300-3'
    """

    reaction: str
    inputs: tuple[Part, ...]  # [roles]
    smiles: str  # canonical

    @property
    def text(self) -> str:
        """In words."""
        return self.told(str)

    def told(self, block: Callable[[str], str]) -> str:
        """In words, each block as that says it."""
        named = [block(part) if isinstance(part, str) else f"({part.told(block)})" for part in self.inputs]
        return f"{self.reaction} of {' and '.join(named)}"

    @property
    def steps(self) -> int:
        """Reactions, all told."""
        return 1 + sum(part.steps for part in self.inputs if isinstance(part, Route))

    @property
    def blocks(self) -> tuple[str, ...]:
        """Ids of the blocks that go in, from left to right."""
        return tuple(block for part in self.inputs for block in ((part,) if isinstance(part, str) else part.blocks))


Part = str | Route  # the id of a block, or what was made before
