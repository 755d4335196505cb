"""A model's files: arrays and plain fields, read as data and checked for what was promised; never unpickled."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load, save

from molgen.base.errors import MolgenError
from molgen.base.files import whole_file, write_json

Fields = TypeVar("Fields", bound=BaseModel)
T = TypeVar("T")

MANIFEST = "predictor.json"  # of a saved predictor: lists every other file of its folder with its digest
_BROKEN = "train it again, or copy the whole folder again"
_LARGEST_JSON = 200_000_000  # bytes; a list of ids for millions of molecules fits


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """The arrays by name, in safetensors."""
    with whole_file(path) as draft:
        draft.write_bytes(save({name: np.ascontiguousarray(array) for name, array in arrays.items()}))


def read_arrays(path: Path, wanted: Mapping[str, tuple[str, int]]) -> dict[str, NDArray[Any]]:
    """The arrays by name; each one `wanted` must be there with its (kind of dtype, number of axes)."""
    arrays = read_all_arrays(path)
    for name, (kind, axes) in wanted.items():
        if name not in arrays:
            raise broken(path, f"no array {name!r}")
        if arrays[name].dtype.kind != kind or arrays[name].ndim != axes:
            raise broken(path, f"{name} is {arrays[name].dtype} with {arrays[name].ndim} axes")
        if kind == "f" and not np.isfinite(arrays[name]).all():
            raise broken(path, f"{name} is not finite")
    return arrays


def read_all_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Every array in the file, under the name it has there."""
    try:
        return load(read_bytes(path))
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise broken(path, f"not safetensors: {error}") from None


class _Network(Protocol):
    def tensors(self) -> dict[str, NDArray[Any]]: ...


def numbered(networks: Sequence[_Network]) -> dict[str, NDArray[Any]]:
    """The arrays of several networks under names of one file: `0.head.weight`."""
    return {f"{i}.{name}": array for i, one in enumerate(networks) for name, array in one.tensors().items()}


def restored(
    make: Callable[[dict[str, NDArray[Any]], dict[str, Any]], T],
    facts: Sequence[dict[str, Any]],
    arrays: dict[str, NDArray[Any]],
    path: Path,
) -> tuple[T, ...]:
    """The networks of `numbered` arrays read from `path`, each made of its own and of its facts."""
    made = []
    for i, own in enumerate(facts):
        tensors = {name.removeprefix(f"{i}."): array for name, array in arrays.items() if name.startswith(f"{i}.")}
        try:
            made.append(make(tensors, own))
        except (MolgenError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise broken(path, f"network {i}: {error}") from None
    return tuple(made)


def write_fields(path: Path, fields: BaseModel | Mapping[str, Any]) -> None:
    """Plain values as JSON."""
    write_json(path, fields.model_dump() if isinstance(fields, BaseModel) else dict(fields))


def read_fields(path: Path, fields: type[Fields]) -> Fields:
    """The values, checked against the types of `fields`."""
    raw = read_bytes(path)
    if len(raw) > _LARGEST_JSON:
        raise broken(path, f"{len(raw)} bytes of JSON")
    try:
        return fields.model_validate(json.loads(raw))
    except (ValidationError, ValueError, RecursionError) as error:
        raise broken(path, str(error).splitlines()[0]) from None


def read_bytes(path: Path) -> bytes:
    """The file's bytes; a missing file is a broken model, not a bug."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise broken(path, error.strerror or "cannot be read") from None


def broken(path: Path, what: str) -> MolgenError:
    """What to raise about a file that is not what `write` leaves."""
    return MolgenError(f"not a model of ours: {what}", where=str(path), fix=_BROKEN)


def check(good: bool, path: Path, what: str) -> None:
    """Nothing when `good`; what is wrong with the file otherwise."""
    if not good:
        raise broken(path, what)
