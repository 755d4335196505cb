"""Whether a value is what an annotation wants, and what that is in words."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, wraps
from numbers import Integral, Real
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin

from molgen.base.errors import MolgenError

P = ParamSpec("P")
T = TypeVar("T")
_LONGEST = 60  # letters of a value that a message shows
_MADE = {"DataFrame": "Library.from_frame(table)", "list": "Library.of(smiles)"}  # a library of what is given in its place


def checked(function: Callable[P, T]) -> Callable[P, T]:
    """The function, its arguments held against their annotations before it begins: another type is a MolgenError, not a traceback later.

    >>> @checked
    ... def double(number: int) -> int:
    ...     return 2 * number
    >>> double(2)
    4
    >>> double("two")
    Traceback (most recent call last):
        ...
    molgen.base.errors.MolgenError: double: number is 'two', want a whole number
    """

    @cache  # annotations are read at the first call: not all that they name is imported before
    def signature() -> inspect.Signature:
        return inspect.signature(function, eval_str=True)

    @wraps(function)
    def held(*args: P.args, **kwargs: P.kwargs) -> T:
        parameters = signature().parameters
        for name, value in signature().bind(*args, **kwargs).arguments.items():
            wanted = parameters[name].annotation
            if not fits(value, wanted):
                shown = repr(value)
                if len(shown) > _LONGEST or "\n" in shown:
                    shown = f"a {type(value).__name__}"
                words = said(wanted)
                fix = _MADE.get(type(value).__name__, "") if "Library" in words else ""
                raise MolgenError(f"{function.__name__}: {name} is {shown}, want {words}", fix=fix)
        return function(*args, **kwargs)

    return held


_TABLES = (dict, Mapping)
_LISTS = (list, tuple, set, frozenset, Sequence, Collection, Iterable)
_PLAIN: dict[Any, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "text", NoneType: "nothing"}


def fits(value: Any, wanted: Any) -> bool:
    """Whether the value is of the wanted type, where that is a class, a plain one or made of these; of any other we can't say."""
    if wanted is Any or wanted is inspect.Parameter.empty:
        return True
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
        return any(fits(value, one) for one in inner)
    if Callable in (wanted, origin):
        return callable(value)
    if origin in _TABLES:
        return isinstance(value, Mapping)
    if origin in _LISTS:
        return _each_fits(value, _item(wanted))
    if isinstance(wanted, type) and not getattr(wanted, "_is_protocol", False):
        return isinstance(value, wanted)
    return True


def _item(wanted: Any) -> Any:
    """What each item of a list is; of a tuple with a type for each place, we don't say."""
    inner = get_args(wanted)
    return Any if get_origin(wanted) is tuple and inner[1:] != (...,) else inner[0]


def _each_fits(value: Any, wanted: Any) -> bool:
    """A list from a file does for a tuple, and one text where several may stand."""
    if isinstance(value, str):
        return fits(value, wanted)
    if isinstance(value, (list, tuple)):
        return all(fits(item, wanted) for item in value)
    return isinstance(value, Iterable) and not isinstance(value, (bytes, Mapping))


def said(wanted: Any) -> str:
    """The type in words."""
    origin, inner = get_origin(wanted), get_args(wanted)
    if wanted in _PLAIN or wanted is None:
        return _PLAIN[wanted or NoneType]
    if wanted is Path:
        return "a path"
    if origin is Literal:
        return " or ".join(map(repr, inner))
    if origin in (Union, UnionType):
        return " or ".join(map(said, inner))
    if Callable in (wanted, origin):
        return "a function, which can only be given in Python"
    if origin in _LISTS:
        return f"a list, each {said(_item(wanted))}"
    return "a table" if origin in _TABLES else getattr(wanted, "__name__", str(wanted))
