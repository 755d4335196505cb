"""Names to components, as a table of strings: listing imports nothing, a broken guest breaks only itself."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from numbers import Integral, Real
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

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
            if not _fits(value, wanted):
                raise MolgenError(f"{self.kind} {name!r}: {option} is {value!r}, want {_said(wanted)}")
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


_TABLES = (dict, Mapping)
_LISTS = (list, tuple, set, frozenset, Sequence, Collection, Iterable)
_PLAIN: dict[Any, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "text", NoneType: "nothing"}


def _fits(value: Any, wanted: Any) -> bool:
    """Whether the value is of the wanted type, where that is a plain one or made of plain ones; of any other we can't say."""
    origin, inner = get_origin(wanted), get_args(wanted)
    if wanted is int or wanted is float:
        return isinstance(value, Integral if wanted is int else Real) and not isinstance(value, bool)
    if wanted in _PLAIN or wanted is None:
        return isinstance(value, wanted or NoneType)
    if wanted is Path:
        return isinstance(value, (str, os.PathLike))
    if origin is Literal:
        return any(value == one and type(value) is type(one) for one in inner)
    if origin in (Union, UnionType):
        return any(_fits(value, one) for one in inner)
    if Callable in (wanted, origin):
        return callable(value)
    if origin in _TABLES:
        return isinstance(value, Mapping)
    if origin in _LISTS:
        return _each_fits(value, _item(wanted))
    return True


def _item(wanted: Any) -> Any:
    """What each item of a list is; of a tuple with a type for each place, we don't say."""
    inner = get_args(wanted)
    return Any if get_origin(wanted) is tuple and inner[1:] != (...,) else inner[0]


def _each_fits(value: Any, wanted: Any) -> bool:
    """A list from a file does for a tuple, and one text where several may stand."""
    if isinstance(value, str):
        return _fits(value, wanted)
    if isinstance(value, (list, tuple)):
        return all(_fits(item, wanted) for item in value)
    return isinstance(value, Iterable) and not isinstance(value, (bytes, Mapping))


def _said(wanted: Any) -> str:
    """The type in words."""
    origin, inner = get_origin(wanted), get_args(wanted)
    if wanted in _PLAIN or wanted is None:
        return _PLAIN[wanted or NoneType]
    if origin is Literal:
        return " or ".join(map(repr, inner))
    if origin in (Union, UnionType):
        return " or ".join(map(_said, inner))
    if Callable in (wanted, origin):
        return "a function, which can only be given in Python"
    if origin in _LISTS:
        return f"a list, each {_said(_item(wanted))}"
    return "a table" if origin in _TABLES else getattr(wanted, "__name__", str(wanted))
