"""molgen report: the HTML page of a run folder, or its workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from molgen.base.config import Config
from molgen.cli.console import Console
from molgen.cli.options import argument, option
from molgen.cli.options import command as make_command
from molgen.report.page import report


class ReportConfig(Config):
    """Which run, where the page goes."""

    run: Path = argument("folder that molgen screen, generate or demo wrote")
    out: Path | None = option(None, ".html or .xlsx file to write, or a folder for report.html; that of the run when not given", short="o")
    rows: int = option(500, "molecules of each table that the page shows", gt=0)


def run(config: ReportConfig, console: Console) -> dict[str, Any]:
    """Writes the page."""
    return {"written": report(config.run, out=config.out, rows=config.rows)}


command = make_command(ReportConfig, run)
