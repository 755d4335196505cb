"""molgen list: the names of everything that can be asked for by name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from molgen.base.config import Config
from molgen.base.errors import MolgenError
from molgen.cli.console import Console
from molgen.cli.options import argument
from molgen.cli.options import command as make_command

# Where each table stands; it is opened only when asked for, and its entries are never imported.
TABLES = {
    "presets": "molgen.models.recipe:PRESETS",
    "predictors": "molgen.models.base:PREDICTORS",
    "encoders": "molgen.nn.base:ENCODERS",
    "featurizers": "molgen.features.base:FEATURIZERS",
    "terms": "molgen.score.base:TERMS",
    "curves": "molgen.score.curves:CURVES",
    "generators": "molgen.generate.base:GENERATORS",
    "executors": "molgen.base.parallel:EXECUTORS",
    "models": "molgen.models.shipped:shipped",
    "endpoints": "molgen.data.endpoints:endpoints",
    "datasets": "molgen.data.catalogue:datasets",
}


class ListConfig(Config):
    """Which table."""

    what: str | None = argument(f"one of {', '.join(TABLES)}; all of them when not given", default=None)


def run(config: ListConfig, console: Console) -> dict[str, Any]:
    """Names by table."""
    if config.what is not None and config.what not in TABLES:
        raise MolgenError(f"nothing is listed under {config.what!r}", fix=f"there are: {', '.join(TABLES)}")
    return {what: sorted(table(what)) for what in ([config.what] if config.what else TABLES)}


def table(what: str) -> list[str]:
    """The names in one table."""
    module, _, attribute = TABLES[what].partition(":")
    found = getattr(import_module(module), attribute)
    return list(found() if callable(found) else found)


command = make_command(ListConfig, run)
