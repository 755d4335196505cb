"""The options every command shares that may ask a model of pairs about molecules and certain partners."""

from __future__ import annotations

from pathlib import Path

from molgen.base.errors import MolgenError
from molgen.cli.input import InputConfig
from molgen.cli.options import option
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
