"""A trained network: predictions in the units it was trained in, and all it takes to bring it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.features.graph import Graphs
from molgen.nn.batch import GraphBatch
from molgen.nn.loss import Kind
from molgen.nn.network import Network, NetworkSettings


class Epoch(NamedTuple):
    """How one pass over the training molecules went."""

    training_loss: float
    validation_loss: float | None  # None where there was nothing to validate on


@dataclass(frozen=True, eq=False)
class FittedNetwork:
    """Weights, what they belong to, and how they came about. Always on the CPU, never trained further."""

    network: Network
    settings: NetworkSettings
    kinds: tuple[Kind, ...]  # [tasks]
    history: tuple[Epoch, ...] = ()

    def predict(
        self, graphs: Graphs, extra: NDArray[Any] | None = None, *, batch: int = 64, device: str = "auto"
    ) -> NDArray[np.float64]:  # [molecules, tasks]
        """Values in the units of the training targets, probabilities for classes; NaN for a graph without atoms."""
        beside = as_extra(extra, rows=len(graphs), width=len(self.network.extra_mean))
        place = best_device(device)
        # Moved there and back: one process may predict on several devices in turn.
        network = self.network.to(place).eval()
        out = np.full((len(graphs), len(self.kinds)), np.nan)
        with torch.inference_mode():
            for start in range(0, len(graphs), batch):
                rows = np.arange(start, min(start + batch, len(graphs)))
                graph = GraphBatch.of(graphs.take(rows)).to(place)
                raw = network(graph, None if beside is None else beside[start : start + batch].to(place))
                values = self._in_units(raw.float())
                values[~graph.valid] = torch.nan
                out[rows] = values.cpu().numpy()
        network.cpu()
        return out

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Every weight and scale by name, for safetensors."""
        return {name: tensor.detach().cpu().numpy() for name, tensor in self.network.state_dict().items()}

    def to_dict(self) -> dict[str, Any]:
        """What `restore` needs beside the tensors, in JSON's own types."""
        return {"settings": self.settings.model_dump(mode="json"), "kinds": list(self.kinds), "extra": len(self.network.extra_mean)}

    @classmethod
    def restore(cls, tensors: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> FittedNetwork:
        """The network of `tensors()` and `to_dict()`: it predicts what the saved one did, bit for bit."""
        settings = NetworkSettings.of(dict(facts["settings"]), where="saved network")
        kinds = tuple(cast(Kind, kind) for kind in facts["kinds"])
        network = empty_network(settings, tasks=len(kinds), extra=int(facts["extra"]))
        state = {name: torch.from_numpy(np.array(tensor)) for name, tensor in tensors.items()}
        _check_fit(network, state)
        network.load_state_dict(state)
        return cls(network.eval(), settings, kinds)

    def _in_units(self, raw: torch.Tensor) -> torch.Tensor:
        values = raw * self.network.target_scale + self.network.target_mean
        classes = torch.tensor([kind == "classification" for kind in self.kinds], device=raw.device)
        return torch.where(classes, raw.sigmoid(), values)


def empty_network(settings: NetworkSettings, *, tasks: int, extra: int) -> Network:
    """A network whose weights are about to be replaced; takes nothing from the process's random numbers."""
    with torch.random.fork_rng(devices=[]):
        return Network(settings, tasks=tasks, extra=extra)


def best_device(device: str) -> torch.device:
    """The device of this name; `auto` is the first GPU, or the CPU where there is none."""
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        wanted = torch.device(device)
    except RuntimeError:
        raise MolgenError(f"no device is called {device!r}", fix="there are: auto, cpu, cuda, cuda:1, mps") from None
    if wanted.type == "cuda" and (wanted.index or 0) >= torch.cuda.device_count():
        raise MolgenError(f"device {device!r} is not there: {torch.cuda.device_count()} CUDA devices seen", fix="use auto or cpu")
    return wanted


def as_extra(extra: NDArray[Any] | None, *, rows: int, width: int | None = None) -> torch.Tensor | None:
    """Numbers about each molecule as a float32 tensor, None for none; a shape that does not fit is refused."""
    seen = (rows, 0) if extra is None else np.shape(extra)
    if len(seen) != 2 or seen[0] != rows or (width is not None and seen[1] != width):
        raise MolgenError(f"extra has shape {seen}, want ({rows}, {'any' if width is None else width})")
    return None if extra is None or seen[1] == 0 else torch.from_numpy(np.array(extra, dtype=np.float32))


def _check_fit(network: Network, state: Mapping[str, torch.Tensor]) -> None:
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    seen = {name: tuple(tensor.shape) for name, tensor in state.items()}
    for name in sorted(wanted.keys() | seen.keys()):
        if wanted.get(name) != seen.get(name):
            raise MolgenError(f"weights {name!r} have shape {seen.get(name)}, want {wanted.get(name)}", where="saved network")
