"""The account of a run: what was proposed, what was new, what it scored, and where the rest went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.chem.alerts import alerts as alerts_of
from molgen.data.library import Library, with_columns
from molgen.generate.base import Proposal
from molgen.generate.constraints import Constraints
from molgen.score.ranking import REJECT_COLUMNS, Counts
from molgen.score.scores import Scores

_SKELETON, _FLAT = 14, "-UHFFFAOYSA-"  # of an InChIKey: letters that say who is bonded to whom, and those of no stereo nor isotope


@dataclass(frozen=True)
class Trace:
    """How the run went, one entry a batch."""

    calls: list[int] = field(default_factory=list)  # distinct molecules scored so far
    best: list[float] = field(default_factory=list)
    top10: list[float] = field(default_factory=list)  # mean of the ten best


class Ledger:
    """Every proposal goes through `admit` once, every new molecule through `record` once; nothing is scored twice."""

    def __init__(self, *, constraints: Constraints, seeds: Sequence[str], known: Iterable[str]) -> None:
        self._constraints = constraints
        self._known = frozenset(known)  # InChIKeys that are not novel
        self._skeletons = frozenset(key[:_SKELETON] for key in self._known)
        self._total: dict[str, float] = {}  # InChIKey -> score, in order of scoring
        self._origins: list[str] = []  # [scored], likewise
        self._asked: list[tuple[int, str]] = []  # [scored], likewise: which proposal it was, and its SMILES as proposed
        self._batches: list[tuple[Library, Scores]] = []
        self._rejects: list[tuple[Any, ...]] = []
        self._unscored: list[tuple[Any, ...]] = []  # likewise, of those that a term has no value for
        self._excused = constraints.excused(alerts_of, seeds)
        self.proposed = 0
        self.repeated = 0
        self.trace = Trace()

    @property
    def calls(self) -> int:
        """Distinct molecules scored."""
        return len(self._total)

    def admit(self, proposals: Sequence[Proposal], room: int) -> tuple[Library, Library]:
        """Proposals as they will be scored: (all, the new ones among them once), those before the first new one there is no room for."""
        asked = Library.of([proposal.smiles for proposal in proposals])
        reasons = [self._fault(asked, row) for row in range(len(asked))]
        new: dict[str, int] = {}
        proposals = proposals[: self._until_full(asked, reasons, room)]
        for row, (proposal, reason) in enumerate(zip(proposals, reasons)):
            key = asked.inchikeys[row]
            if reason:
                self._rejects.append(_reject(self.proposed + row, *reason, proposal.smiles))
            elif key in self._total or key in new:
                self.repeated += 1
            else:
                new[key] = row
        self._asked += [(self.proposed + row, proposals[row].smiles) for row in new.values()]
        self._origins += [proposals[row].origin for row in new.values()]
        self.proposed += len(proposals)
        return asked.take([row for row in range(len(proposals)) if not reasons[row]]), asked.take(list(new.values()))

    def _until_full(self, asked: Library, reasons: Sequence[object], room: int) -> int:
        """How many come before the first that there is no room to score."""
        new = set[str | None]()
        for row, (key, reason) in enumerate(zip(asked.inchikeys, reasons)):
            if not reason and key not in self._total:
                new.add(key)
            if len(new) > room:
                return row
        return len(asked)

    def _fault(self, asked: Library, row: int) -> tuple[str, str] | None:
        """(stage, reason) when the molecule can't be scored or must not be."""
        structure, mol = asked.structures[row], asked.mols[row]
        if structure.reason:
            return structure.stage, structure.reason
        if "." in structure.smiles:
            return "generate", "more than one component"
        broken = self._constraints.broken(mol)
        return ("generate", broken) if broken else None

    def record(self, library: Library, scores: Scores) -> None:
        """Scores of the new molecules that `admit` gave last."""
        for (row, smiles), why in zip(self._asked[self.calls :], scores.unsaid(), strict=True):
            if why:
                self._unscored.append(_reject(row, "score", why, smiles))
        self._batches.append((library, scores))
        self._total.update(zip(library.inchikeys, scores.total.tolist(), strict=True))
        best = np.sort([total for total in self._total.values() if np.isfinite(total)])[::-1]
        self.trace.calls.append(self.calls)
        self.trace.best.append(float(best[0]) if len(best) else float("nan"))
        self.trace.top10.append(float(best[:10].mean()) if len(best) else float("nan"))

    def mark(self) -> tuple[int, ...]:
        """How far the account has come, to go back to."""
        return (self.proposed, self.repeated, len(self._total), *map(len, self._lists()))

    def back_to(self, mark: tuple[int, ...]) -> None:
        """Forgets all that came after: an interrupt may strike between a proposal and its score."""
        self.proposed, self.repeated, calls, *lengths = mark
        self._total = dict(list(self._total.items())[:calls])
        for entries, length in zip(self._lists(), lengths, strict=True):
            del entries[length:]

    def _lists(self) -> tuple[list[Any], ...]:
        return self._origins, self._asked, self._batches, self._rejects, self._unscored, *vars(self.trace).values()

    def totals(self, library: Library) -> NDArray[np.float64]:
        """The score each of these molecules was given, now or earlier."""
        return np.array([self._total[key] for key in library.inchikeys], dtype=np.float64)

    def counts(self, ranked: int) -> Counts:
        """Where every proposal went."""
        cut = self.calls - len(self._unscored) - ranked
        rejected = len(self._rejects) + len(self._unscored)
        return Counts(read=self.proposed, ranked=ranked, cut=cut, rejected=rejected, duplicates=self.repeated)

    def rejects(self) -> pd.DataFrame:
        """Proposals without a score, and why: not fit to be scored, or a term had no value for them."""
        return pd.DataFrame(sorted(self._rejects + self._unscored), columns=list(REJECT_COLUMNS))

    def table(self) -> pd.DataFrame:
        """Everything scored, best first, with what is novel and what has alerts marked; ties by SMILES."""
        smiles = [text for library, _ in self._batches for text in library.smiles]
        mols = [mol for library, _ in self._batches for mol in library.mols]
        found = ["; ".join(name for name in alerts_of(mol) if name not in self._excused) for mol in mols]
        columns: dict[str, Any] = {"id": [f"proposal_{n}" for n in range(1, len(smiles) + 1)], "smiles": smiles}
        columns |= Scores.joined([scores for _, scores in self._batches]).columns() if self._batches else {"score": []}
        columns |= {"alert_names": found, "origin": self._origins, "novel": list(map(self._novel, self._total))}
        frame = with_columns(pd.DataFrame(index=range(len(smiles))), columns)
        order = np.lexsort((np.array(smiles, dtype=str), -np.asarray(columns["score"], dtype=np.float64)))
        return frame.iloc[order].reset_index(drop=True)

    def _novel(self, key: str) -> bool:
        """Whether the molecule is neither known nor a known one with its stereo left out."""
        flat = key[_SKELETON:].startswith(_FLAT)
        return key not in self._known and not (flat and key[:_SKELETON] in self._skeletons)

    def shares(self, table: pd.DataFrame) -> dict[str, Any]:
        """The "generation" section of run.json; shares are of proposals (valid) and of those scored that are no seeds (the others). Inside
        the domain is what is inside that of every model asked."""
        children = table[table["molgen_origin"] != "seed"]
        domains = children[[name for name in table.columns if name.endswith("_in_domain")]].dropna(how="all")
        return {
            "proposals": self.proposed,
            "calls": self.calls,
            "seeds": len(table) - len(children),
            "valid": _share(self.proposed - len(self._rejects), self.proposed),
            "novel": _share(int(children["molgen_novel"].sum()), len(children)),
            "alert_free": _share(int((children["molgen_alert_names"] == "").sum()), len(children)),
            "in_domain": _share(int(domains.fillna(True).astype(bool).all(axis=1).sum()), len(domains)) if domains.shape[1] else None,
            "trace": {"calls": self.trace.calls, "best": self.trace.best, "top10": self.trace.top10},
        }


def _reject(row: int, stage: str, reason: str, smiles: str) -> tuple[Any, ...]:
    return row, f"proposal_{row + 1}", 0, stage, reason, smiles


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
