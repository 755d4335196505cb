"""molgen card: what a model is, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from molgen.base.config import Config
from molgen.base.errors import MolgenError
from molgen.base.files import write_text
from molgen.cli.console import Console
from molgen.cli.options import argument, option
from molgen.cli.options import command as make_command
from molgen.report.card import card


class CardConfig(Config):
    """Which model, where its card goes."""

    model: Path = argument("folder that molgen train wrote, or a model of ours: admet, admet-fast, kinases")
    out: Path | None = option(None, ".html or .md file to write; shown when not given", short="o")


def run(config: CardConfig, console: Console) -> dict[str, Any]:
    """Shows the card, or writes it."""
    page = card(config.model)
    if config.out is None and console.watched:  # tables that fold, where Markdown's would be cut
        for section in page.sections:
            console.section(section.title, section.words)
            for grid in section.grids:
                console.table([dict(zip(grid.head, row)) for row in grid.rows])
        return {"card": page.card}
    if config.out is None:
        console.page(page.to_markdown())
        return {"card": page.card}
    ending = config.out.suffix.casefold()
    if ending not in (".html", ".htm", ".md"):
        raise MolgenError("a card is an .html or .md file", where=str(config.out))
    write_text(config.out, page.to_markdown() if ending == ".md" else page.to_html())
    return {"card": page.card, "written": config.out}


command = make_command(CardConfig, run)
