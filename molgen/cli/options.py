"""A Config as a command: each field is one option, spelled the same, its description the help."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import typer
from pydantic import Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from molgen.base.config import Config
from molgen.cli.console import Console
from molgen.cli.exits import INTERRUPTED

C = TypeVar("C", bound=Config)

ARGUMENT: dict[str, Any] = {"argument": True}


def argument(about: str, **more: Any) -> Any:
    """A field that stands by its place on the command line, not behind a ``--name``."""
    return Field(description=about, json_schema_extra=ARGUMENT, **more)


def option(default: Any, about: str, *, short: str = "", **more: Any) -> Any:
    """A field that is an option, with a one-letter form if given."""
    return Field(default=default, description=about, json_schema_extra={"short": short} if short else None, **more)


def command(config: type[C], run: Callable[[C, Console], dict[str, Any]]) -> Callable[..., None]:
    """The command that fills `config` from its options, calls `run`, and shows what it returns.

    Every command also takes ``--json`` (the result as one JSON object on standard output) and
    ``--quiet`` (no progress, no talk). With ``--out -`` standard output is the table's alone, and the
    result goes to standard error.
    """

    def call(**values: Any) -> None:
        json, quiet = values.pop("json"), values.pop("quiet")
        given = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        try:
            asked = config.of(given)
            console = Console(json=json, quiet=quiet, piped=str(getattr(asked, "out", "")) == "-")
            console.result(run(asked, console))
            if console.refusal is not None:
                raise console.refusal
            if console.interrupted:
                raise KeyboardInterrupt
        except KeyboardInterrupt:  # here, since typer would end without a word
            typer.echo("molgen: interrupted; the same command goes on where it can", err=True)
            raise typer.Exit(INTERRUPTED) from None

    parameters = [_parameter(name, field) for name, field in config.model_fields.items()]
    talk = [
        inspect.Parameter(
            "json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_flag("--json", "the result as JSON on standard output")
        ),
        inspect.Parameter("quiet", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_flag("--quiet", "no progress, no talk")),
    ]
    call.__signature__ = inspect.Signature(sorted(parameters + talk, key=_required_first))  # type: ignore[attr-defined]
    return call


def _parameter(name: str, field: FieldInfo) -> inspect.Parameter:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    shape = _shape(field.annotation)
    default = inspect.Parameter.empty if field.default is PydanticUndefined else field.default
    if extra.get("argument"):
        said: Any = typer.Argument(help=field.description, show_default=default not in (None, ()))
    else:
        names = [f"--{name.replace('_', '-')}"]
        names = [f"{names[0]}/--no-{name.replace('_', '-')}"] if shape is bool else names
        said = typer.Option(*names, *([f"-{extra['short']}"] if extra.get("short") else []), help=field.description)
    if isinstance(default, tuple):
        default = list(default)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[shape, said])


def _shape(annotation: Any) -> Any:
    """The type as typer knows it: a tuple of any length is a repeatable option."""
    origin = get_origin(annotation)
    if origin is tuple:
        return list[get_args(annotation)[0]]  # type: ignore[misc]
    if origin in (Union, types.UnionType):
        inner = [part for part in get_args(annotation) if part is not type(None)]
        return Path | None if Path in inner else inner[0] | None
    return annotation


def _flag(name: str, about: str) -> Any:
    return Annotated[bool, typer.Option(name, help=about)]


def _required_first(parameter: inspect.Parameter) -> bool:
    return parameter.default is not inspect.Parameter.empty
