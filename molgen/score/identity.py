"""What a Python callable does, as far as it can be seen, in a digest that every process gives alike."""

from __future__ import annotations

import hashlib
import types
from functools import cached_property, partial
from typing import Any

import numpy as np

from molgen.base.errand import Caught

_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis))


def identity(call: Any) -> str:
    """Hex digest of a callable: of a function its code, its defaults and what it encloses; of an object its class and its state.

    Not seen are the globals that it reads and the functions it calls by name, nor what an object holds that can't be pickled.
    """
    return _Digests().of(call)


class _Digests:
    """Of one thing and all that is in it. Equal things are alike in it, one object twice or two."""

    def __init__(self) -> None:
        # By id, with the thing itself: an id is another's once its owner is gone. None while it is still being looked into.
        self._had: dict[int, tuple[Any, str | None]] = {}

    def of(self, thing: Any) -> str:
        if isinstance(thing, _PLAIN):
            return _hex(type(thing).__name__, repr(thing))
        if id(thing) not in self._had:
            self._had[id(thing)] = thing, None
            self._had[id(thing)] = thing, _hex(*self._parts(thing))
        return self._had[id(thing)][1] or "itself"

    def _parts(self, thing: Any) -> list[str]:
        if isinstance(thing, types.CodeType):
            return ["code", thing.co_code.hex(), thing.co_exceptiontable.hex(), repr(thing.co_names), *map(self.of, thing.co_consts)]
        if isinstance(thing, types.FunctionType):
            enclosed = [_content(cell) for cell in thing.__closure__ or ()]
            return ["function", *map(self.of, (thing.__code__, thing.__defaults__, thing.__kwdefaults__, enclosed))]
        if isinstance(thing, types.MethodType):
            return ["method", self.of(thing.__func__), self.of(thing.__self__)]
        if hasattr(thing, "__wrapped__") and callable(thing):  # a cache or compiler around a function: what it keeps is no part of it
            return ["wrapped", self.of(thing.__wrapped__)]
        if isinstance(thing, partial):
            return ["partial", *map(self.of, (thing.func, thing.args, thing.keywords))]
        if isinstance(thing, (tuple, list)):
            return [_name(type(thing)), *map(self.of, thing)]
        if isinstance(thing, (set, frozenset)):
            return [_name(type(thing)), *sorted(map(self.of, thing))]
        if isinstance(thing, dict):
            return [_name(type(thing)), *sorted(self.of(key) + self.of(value) for key, value in thing.items())]
        if isinstance(thing, (type, types.ModuleType, types.BuiltinFunctionType, np.ufunc)):
            return ["name", _name(thing)]
        return self._of_object(thing)

    def _of_object(self, thing: Any) -> list[str]:
        kind = _name(type(thing))
        own = [getattr(thing, name, None) for name in ("key", "digest")] if kind.startswith("molgen.") else []
        said = next((one for one in own if isinstance(one, str)), None)
        if said is not None:  # a Predictor or a Library says itself what it is
            return [kind, said]
        array = _array(thing)
        if array is not None:
            return [kind, array.dtype.str, repr(array.shape), hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()]
        does = getattr(type(thing), "__call__", None)  # noqa: B004 - what a call does, not whether there is one
        acts = self.of(does) if isinstance(does, types.FunctionType) else ""
        return [kind, acts, *self._state(thing)]

    def _state(self, thing: Any) -> list[str]:
        """What pickle would keep of it, looked into: pickled bytes differ with what is one object and what is two alike."""
        made: Any = ""
        with Caught():  # what can't be pickled says so with any error
            made = thing.__reduce_ex__(4)
        if isinstance(made, str):
            return [made]
        make, arguments, state, items, pairs = (*made, None, None, None)[:5]
        if isinstance(state, dict):  # without what is worked out once and kept: it would be there after a run, not before
            state = {key: value for key, value in state.items() if not isinstance(getattr(type(thing), str(key), None), cached_property)}
        return list(map(self.of, (make, arguments, state, list(items or ()), list(pairs or ()))))


def _array(thing: Any) -> np.ndarray[Any, Any] | None:
    """An array of plain numbers, a torch tensor's too; None for anything else."""
    if type(thing).__module__.partition(".")[0] == "torch" and hasattr(thing, "detach"):
        try:
            thing = thing.detach().cpu().double().numpy()
        except (TypeError, RuntimeError):  # a sparse one, say
            return None
    return thing if isinstance(thing, np.ndarray) and not thing.dtype.hasobject else None


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return "empty cell"


def _name(thing: Any) -> str:
    return f"{getattr(thing, '__module__', '')}.{getattr(thing, '__qualname__', getattr(thing, '__name__', ''))}"


def _hex(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()
