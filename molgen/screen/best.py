"""The best rows so far of a stream of scored chunks, and a count of all that went by."""

from __future__ import annotations

import pandas as pd

from molgen.score.ranking import REJECT_COLUMNS


class Best:
    """Holds `limit` rows at most; the order of equal scores is the order they came in."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._frame = pd.DataFrame()
        self._rejects: list[pd.DataFrame] = []
        self._seen: set[str] = set()  # InChIKeys: what makes a row a duplicate across chunks
        self.read = self.duplicates = 0

    def add(self, part: pd.DataFrame) -> None:
        """Takes a chunk's rows in."""
        self.read += len(part)
        bad = part["reason"] != ""
        if bad.any():
            self._rejects.append(part.loc[bad, list(REJECT_COLUMNS)])
        first = [self._is_new(key) for key in part.loc[~bad, "inchikey"]]
        self.duplicates += len(first) - sum(first)
        fresh = part.loc[~bad][first]
        if len(fresh):
            pool = pd.concat([self._frame, fresh], ignore_index=True) if len(self._frame) else fresh
            self._frame = pool.sort_values(["molgen_score", "row"], ascending=[False, True]).head(self._limit)

    @property
    def frame(self) -> pd.DataFrame:
        """The best rows, best first."""
        if len(self._frame):
            return self._frame.reset_index(drop=True)
        return pd.DataFrame(columns=["id", "smiles", "inchikey", "changes", "molgen_score"])

    @property
    def rejects(self) -> pd.DataFrame:
        """Rows that can't be ranked, each with its reason."""
        return pd.concat(self._rejects, ignore_index=True) if self._rejects else pd.DataFrame(columns=list(REJECT_COLUMNS))

    def _is_new(self, key: str) -> bool:
        if key in self._seen:
            return False
        self._seen.add(key)
        return True
