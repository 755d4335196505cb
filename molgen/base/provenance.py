"""Where a result comes from: verb, config, inputs, versions, seed, parents; enough to make it again."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from molgen.base.files import digest, plain

_TRACKED = ("molgen", "rdkit", "numpy", "pandas", "torch", "torch-geometric", "lightgbm", "chembl-structure-pipeline")


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """One step from inputs to a result. Two runs with the same key ought to give the same numbers."""

    verb: str
    config: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)  # name -> sha256
    seed: int | None = None
    parents: tuple[str, ...] = ()  # keys of the results this one stands on
    versions: dict[str, str] = field(default_factory=lambda: versions())
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def key(self) -> str:
        """Hex digest of everything but the clock."""
        return digest({name: value for name, value in asdict(self).items() if name != "created"})

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, the key first."""
        return {"key": self.key, **plain(asdict(self))}


def versions() -> dict[str, str]:
    """Versions of what decides the numbers; a package that is not installed is left out."""
    found = {"python": platform.python_version()}
    for package in _TRACKED:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
