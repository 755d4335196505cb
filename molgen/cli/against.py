"""The options every command shares that may ask a model of pairs, about certain partners or each row about its own."""

from __future__ import annotations

from pathlib import Path

from molgen.base.errors import MolgenError
from molgen.cli.input import InputConfig, PairedConfig
from molgen.cli.options import option
from molgen.data.partners import Pairing
from molgen.models.predictor import Predictor


class AgainstConfig(InputConfig):
    """A file of molecules, and against what."""

    target: tuple[str, ...] = option(
        (), "of a model of proteins: FASTA, CSV of name and sequence, sequence, or name of a known one (EGFR L858R); repeat for more"
    )
    context: Path | None = option(None, "of a model of cell lines: CSV of profiles, each an answer")

    def bound(self, model: Predictor) -> Predictor:
        """The model against the partners that are named, a task each; as it is where none are."""
        for kind, value in (("target", self.target), ("context", self.context)):
            if value and model.pairs not in (None, kind):
                asked = "proteins" if model.pairs == "target" else "cell lines"
                raise MolgenError(f"the model is of pairs with {asked}", where=f"--{kind}", fix=f"--{model.pairs}")
        named: list[str | Path] = [*self.target, *([self.context] if self.context is not None else [])]
        return model.against_named(named) if named else model


class AskedConfig(PairedConfig, AgainstConfig):
    """A file of molecules, and against what; or of pairs, each row with its own partner."""

    def pairing(self, model: Predictor) -> Pairing | None:
        """How the rows are paired for the model once it is `bound`; None where they are molecules alone."""
        for name, value in (("--part-col", self.part_col), ("--part-table", self.part_table)):
            if value is not None and model.pairs is None:
                named = "partners are named, so rows are not asked for theirs"
                raise MolgenError("the model is of molecules alone" if model.bound is None else named, where=name, fix=f"leave {name} out")
        if model.pairs is None:
            return None
        return Pairing.of(model.pairs, column=self.part_col, table=self.part_table, known=model.proteins)
