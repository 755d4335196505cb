"""What a person asks for, checked at the door: frozen, typed, unknown keys refused."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from molgen.base.errors import MolgenError


class Config(BaseModel):
    """The base of every request; a field's description is its help text on the command line."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def of(cls, values: dict[str, Any], *, where: str = "") -> Self:
        """The config these values say, or one error that names the first wrong key and what it wants."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise _first_problem(error, cls, where) from None

    @classmethod
    def from_toml(cls, path: Path) -> Self:
        """The config in a TOML file; a syntax error names its line."""
        return cls.of(read_toml(path), where=str(path))


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; a missing file or a slip of syntax is a request error."""
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))  # some editors put a mark in front
    except FileNotFoundError:
        raise MolgenError("no such file", where=str(path)) from None
    except OSError as error:
        raise MolgenError(f"can't be read: {error.strerror}", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MolgenError(f"not TOML: {error}", where=str(path)) from None


def _first_problem(error: ValidationError, config: type[Config], where: str) -> MolgenError:
    problem = error.errors()[0]
    key = ".".join(str(part) for part in problem["loc"]) or config.__name__
    if problem["type"] == "extra_forbidden":
        known = _config_at(config, problem["loc"][:-1])
        return MolgenError(f"unknown key {key!r}", where=where, fix=f"known: {', '.join(known.model_fields)}" if known else "")
    seen = "" if problem["type"] == "missing" else f", got {problem['input']!r}"
    message = problem["msg"].removeprefix("Value error, ")
    return MolgenError(f"{key}: {message[:1].lower()}{message[1:]}{seen}", where=where)


def _config_at(config: type[BaseModel], place: Sequence[int | str]) -> type[BaseModel] | None:
    """The config that stands at this place inside another, None when more than one kind could."""
    for part in place:
        if isinstance(part, int):
            continue  # a list's items are what its annotation says
        if part not in config.model_fields:
            return None
        inner = list(_configs_in(config.model_fields[part].annotation))
        if len(inner) != 1:
            return None
        config = inner[0]
    return config


def _configs_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _configs_in(argument)
