"""Encoders that were taught before there was anything to predict: what a network may begin from instead of chance.

Ours learned to foretell a molecule's descriptors and fragments from its graph alone, as CheMeleon did (Burns et al.,
arXiv 2506.15792, 2025); `benchmarks/encoder.py` taught them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor

from molgen.base.errors import MolgenError
from molgen.nn.checkpoint import read_checkpoint, write_checkpoint

if TYPE_CHECKING:
    from molgen.nn.fitted import FittedNetwork
    from molgen.nn.network import NetworkSettings

FOLDER = Path(__file__).parent / "weights"


def taught() -> tuple[str, ...]:
    """Names of the encoders that came with molgen.

    >>> "dmpnn-200" in taught()
    True
    """
    return tuple(sorted(file.stem for file in FOLDER.glob("*.safetensors")))


def write_encoder(path: Path, fitted: FittedNetwork) -> None:
    """The encoder of a trained network as one file, for others to begin from: `start` of their settings."""
    write_checkpoint(path, fitted.network.encoder.state_dict(), _make(fitted.settings))


def read_encoder(settings: NetworkSettings) -> dict[str, Tensor]:
    """The weights that `settings.start` names; a MolgenError where it is nothing, or an encoder of another make."""
    name = str(settings.start)
    file = FOLDER / f"{name}.safetensors" if name in taught() else Path(name)
    if not file.is_file():
        raise MolgenError(f"no encoder is called {name!r}, and no such file is there", fix=f"there are: {', '.join(taught())}")
    weights, make = read_checkpoint(file)
    if make != _make(settings):
        raise MolgenError(f"this encoder is {make}, the network wants {_make(settings)}", where=name, fix="set these options to its own")
    return weights


def _make(settings: NetworkSettings) -> dict[str, Any]:
    return {"encoder": settings.encoder, "width": settings.width, **settings.encoder_options}
