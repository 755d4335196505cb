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
from molgen.base.wanted import fits, said


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
        if not isinstance(name, str) or name not in table:
            raise MolgenError(f"no {self.kind} is called {name!r}", fix=meant(str(name), sorted(table)))
        module, _, attribute = table[name].partition(":")
        try:
            return getattr(import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            if name in self.table:
                raise
            raise MolgenError(f"{self.kind} {name!r} of another package can't be imported: {error}", where=table[name]) from error

    def build(self, name: str, options: Mapping[str, Any] | None = None) -> Any:
        """The component called with keyword options; one it does not take is named with those it does, one of a wrong type with the
        type that its constructor's annotation wants."""
        component = self.load(name)
        options = dict(options or {})
        known = _parameters(component)
        unknown = sorted(set(options) - set(known))
        if unknown:
            raise MolgenError(f"{self.kind} {name!r} has no option {unknown[0]!r}", fix=f"it takes: {', '.join(known)}")
        for option, value in options.items():
            wanted = known[option].annotation
            if not fits(value, wanted):
                raise MolgenError(f"{self.kind} {name!r}: {option} is {value!r}, want {said(wanted)}")
        return component(**options)

    def _all(self) -> dict[str, str]:
        return {**_guests(self.kind), **self.table}  # ours win: a guest can add, not replace


@cache
def _guests(kind: str) -> dict[str, str]:
    """What other packages add; asked of every installed package, 30 ms, so asked once."""
    return {point.name: point.value for point in entry_points(group=f"molgen.{kind}")}


def _parameters(component: Any) -> Mapping[str, inspect.Parameter]:
    if hasattr(component, "model_fields"):  # a pydantic model checks its own, in its own words
        return {name: one.replace(annotation=Any) for name, one in inspect.signature(component).parameters.items()}
    try:
        return inspect.signature(component, eval_str=True).parameters
    except NameError:  # an annotation that only type checkers can read
        return inspect.signature(component).parameters
