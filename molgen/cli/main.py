"""The command line: one table of commands, each opened only when it is asked for."""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from types import TracebackType

import typer
from typer.main import get_command

from molgen.base.errors import MolgenError
from molgen.cli.exits import DONE, INTERRUPTED, YOUR_REQUEST

# Errors of the system that the user can mend.
_NOT_OURS = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENAMETOOLONG, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR)
)

# What a command is for stands here, so that `molgen --help` opens none of them.
COMMANDS = {
    "demo": "Run a whole campaign on real data that ships with molgen, a report at the end.",
    "prepare": "Read, standardise, flag duplicates: every row comes back with its status.",
    "train": "Train a model on measured values.",
    "card": "Show what a model is: its data, how well it does, where it fails, when to trust it.",
    "evaluate": "Compare recipes beside baselines over repeated splits.",
    "predict": "Predict with a trained model: value, interval, domain, nearest known molecule.",
    "profile": "Profile molecules against every protein, or cell line, that a model knows, strongest first.",
    "explain": "Say why: the atoms behind each prediction, measured molecules like it, edits that would change it.",
    "screen": "Rank a library by an objective.",
    "search": "Find the molecules like a query, or those that hold a substructure.",
    "generate": "Propose novel molecules for an objective.",
    "report": "Make the HTML page of a run folder.",
    "list": "Name what there is: terms, encoders, presets, datasets ...",
    "doctor": "Check the installation and say what is missing.",
}


def main(argv: Sequence[str] | None = None) -> None:
    """Runs one command and exits: 0 done, 2 the request was wrong, 130 interrupted; a bug is a traceback and Python's own 1."""
    sys.excepthook = _our_bug
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who called: what would be said is let go
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - for as long as the process lives
    if argv is None:  # a batch system's end of time is an interrupt like a person's: what was found is kept
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        # Not the app itself: called, it would put its own hook for tracebacks where ours is.
        get_command(_app(asked=arguments[0] if arguments else ""))(args=arguments, prog_name="molgen")
    except MolgenError as error:
        _leave(f"molgen: {error}", YOUR_REQUEST)
    except KeyboardInterrupt:  # before the command has begun
        _leave("molgen: interrupted", INTERRUPTED)
    except SystemExit as end:
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        # `molgen ... | head` has seen enough; typer makes an error of it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)
    except OSError as error:
        if error.errno not in _NOT_OURS:
            raise
        _leave(f"molgen: {error.strerror}" + (f": {error.filename}" if error.filename else ""), YOUR_REQUEST)


def _app(asked: str) -> typer.Typer:
    app = typer.Typer(
        help="From a library of molecules to ranked, trustworthy hits and novel proposals.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(lambda: None)  # keeps a lone command a subcommand
    for name, about in COMMANDS.items():
        app.command(name, help=about)(_open(name) if name == asked else _unopened)
    return app


def _open(name: str) -> Callable[..., None]:
    function: Callable[..., None] = import_module(f"molgen.cli.{name}").command
    return function


def _unopened() -> None:
    """Stands in for a command that was not asked for."""


def _our_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    traceback.print_exception(kind, error, trace)
    typer.echo("molgen: this is our bug, not yours; please send us the lines above", err=True)


def _leave(message: str, code: int) -> None:
    typer.echo(message, err=True)
    sys.exit(code)
