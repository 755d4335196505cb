"""The options every command that reads molecules shares."""

from __future__ import annotations

import os
from pathlib import Path

from molgen.base.config import Config
from molgen.base.errors import MolgenError
from molgen.chem.parse import Limits
from molgen.cli.console import Console
from molgen.cli.options import option
from molgen.data.library import Library
from molgen.data.prepare import Account
from molgen.data.readers import Format, read
from molgen.data.writers import check_out


class InputConfig(Config):
    """How to read a file of molecules."""

    format: Format | None = option(None, "smi, csv, tsv, sdf, xlsx or parquet; told from the file's name when not given")
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


class PairedConfig(InputConfig):
    """The same where rows may be pairs."""

    part_col: str | None = option(None, "of pairs: column of the protein (sequence or name) or cell line; found by its name if not given")
    part_table: Path | None = option(None, "of pairs: FASTA or CSV that has proteins, or profiles of cell lines, by name")


def check_place(out: Path, **read: Path | str | None) -> str:
    """The form of the file to be, once nothing is in its way and it would take the place of nothing that is read."""
    form = check_out(out)
    check_free_of(out, **read)
    return form


def check_free_of(out: Path, **read: Path | str | None) -> None:
    """Nothing when the file would take the place of nothing that is read."""
    for name, path in read.items():
        if path is not None and os.path.isfile(path) and out.is_file() and out.samefile(path):
            raise MolgenError(f"would take the place of what is read as {name}", where=str(out), fix="name another file")


def account(library: Library, console: Console) -> dict[str, int]:
    """How many rows were read, are fine, were rejected, repeat an earlier one; said, and returned."""
    return say_account(Account.of(library), console)


def say_account(done: Account, console: Console) -> dict[str, int]:
    """The account said, the first rejects with it, and its counts."""
    counts = {"read": done.read, "ok": done.ok, "rejected": done.rejected, "duplicates": done.duplicates}
    console.say(f"read {done.read:,}: {done.ok:,} ok, {done.rejected:,} rejected, {done.duplicates:,} duplicates")
    for reject in done.rejects:
        console.say(f"  line {reject.line}, {reject.id}: {reject.reason}")
    if done.rejected > len(done.rejects):
        console.say(f"  and {done.rejected - len(done.rejects):,} more; each row says why")
    return counts


def refuse_rejects(console: Console, strict: bool, rejected: int, *, fix: str = "the output says why for each") -> None:
    """With --strict, rejected rows end the command once its files are written and its result is told."""
    if strict and rejected:
        console.refusal = MolgenError(f"{rejected} rows were rejected", where="--strict", fix=fix)
