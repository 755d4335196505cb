"""What a person asks for, checked at the door: frozen, typed, unknown keys refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from molgen.base.errors import MolgenError


class Config(BaseModel):
    """The base of every request; a field's description is its help text on the command line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def of(cls, values: dict[str, Any], *, where: str = "") -> Self:
        """The config these values say, or one error that names the first wrong key and what it wants."""
        try:
            return cls(**values)
        except ValidationError as error:
            raise _first_problem(error, cls, where) from None

    @classmethod
    def from_toml(cls, path: Path) -> Self:
        """The config in a TOML file; a syntax error names its line."""
        return cls.of(read_toml(path), where=str(path))


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; a missing file or a slip of syntax is a request error."""
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MolgenError("no such file", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MolgenError(f"not TOML: {error}", where=str(path)) from None


def _first_problem(error: ValidationError, config: type[Config], where: str) -> MolgenError:
    problem = error.errors()[0]
    key = ".".join(str(part) for part in problem["loc"]) or config.__name__
    if problem["type"] == "extra_forbidden":
        return MolgenError(f"unknown key {key!r}", where=where, fix=f"known: {', '.join(config.model_fields)}")
    seen = "" if problem["type"] == "missing" else f", got {problem['input']!r}"
    return MolgenError(f"{key}: {problem['msg'].lower()}{seen}", where=where)
