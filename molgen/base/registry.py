"""Names to components, as a table of strings: listing imports nothing, a broken guest breaks only itself."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from molgen.base.errors import MolgenError, meant


@dataclass(frozen=True)
class Registry(Mapping[str, str]):
    """One kind of plug-in. Other packages add theirs under the entry point group ``molgen.<kind>``.

    >>> kinds = Registry("shape", {"path": "pathlib:PurePosixPath"})
    >>> kinds.load("path").__name__
    'PurePosixPath'
    """

    kind: str  # singular, as a person says it: "encoder"
    table: Mapping[str, str] = field(default_factory=dict)  # name -> "module:attribute"

    def __getitem__(self, name: str) -> str:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def load(self, name: str) -> Any:
        """The component itself, imported now; an unknown name is a request error with the nearest names."""
        table = self._all()
        if name not in table:
            raise MolgenError(f"no {self.kind} is called {name!r}", fix=meant(name, sorted(table)))
        module, _, attribute = table[name].partition(":")
        return getattr(import_module(module), attribute)

    def build(self, name: str, options: Mapping[str, Any] | None = None) -> Any:
        """The component called with keyword options; an option it does not take is named with those it does."""
        component = self.load(name)
        options = dict(options or {})
        known = inspect.signature(component).parameters
        unknown = sorted(set(options) - set(known))
        if unknown:
            raise MolgenError(f"{self.kind} {name!r} has no option {unknown[0]!r}", fix=f"it takes: {', '.join(known)}")
        return component(**options)

    def _all(self) -> dict[str, str]:
        return {**_guests(self.kind), **self.table}  # ours win: a guest can add, not replace


@cache
def _guests(kind: str) -> dict[str, str]:
    """What other packages add; asked of every installed package, 30 ms, so asked once."""
    return {point.name: point.value for point in entry_points(group=f"molgen.{kind}")}
