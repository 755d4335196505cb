"""The options every command that reads molecules shares."""

from __future__ import annotations

from pathlib import Path

from molgen.base.config import Config
from molgen.base.errors import MolgenError
from molgen.chem.parse import Limits
from molgen.cli.console import Console
from molgen.cli.options import option
from molgen.data.library import Library
from molgen.data.readers import Format, read


class InputConfig(Config):
    """How to read a file of molecules."""

    format: Format | None = option(None, "smi, csv, tsv, sdf or parquet; told from the file's name when not given")
    smiles_col: str | None = option(None, "the column that holds the structure")
    id_col: str | None = option(None, "the column that holds the id")
    max_characters: int = option(4_000, "longest structure text taken", gt=0)
    max_heavy_atoms: int = option(500, "largest molecule taken", gt=0)
    strict: bool = option(False, "exit 2 when any row is rejected")

    @property
    def limits(self) -> Limits:
        return Limits(characters=self.max_characters, heavy_atoms=self.max_heavy_atoms)

    def read(self, path: Path) -> Library:
        """The library in the file."""
        return read(path, format=self.format, smiles_col=self.smiles_col, id_col=self.id_col, limits=self.limits)


def account(library: Library, console: Console) -> dict[str, int]:
    """How many rows were read, are fine, were rejected, repeat an earlier one; said, and returned."""
    good = int(library.ok.sum())
    counts = {"read": len(library), "ok": good, "rejected": len(library) - good, "duplicates": good - len(library.distinct())}
    console.say(f"read {counts['read']:,}: {good:,} ok, {counts['rejected']:,} rejected, {counts['duplicates']:,} duplicates")
    for reject in library.rejects[:3]:
        console.say(f"  line {reject.line}, {reject.id}: {reject.reason}")
    if len(library.rejects) > 3:
        console.say(f"  and {len(library.rejects) - 3:,} more; each row says why")
    return counts


def refuse_rejects(strict: bool, rejected: int) -> None:
    """With --strict, rejected rows end the command once its files are written."""
    if strict and rejected:
        raise MolgenError(f"{rejected} rows were rejected", where="--strict", fix="the output says why for each")
