"""A trained network, all it takes to bring it back, and what networks of one make say of molecules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import torch
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.features.graph import Graphs
from molgen.nn.batch import GraphBatch
from molgen.nn.loss import Kind
from molgen.nn.network import Network, NetworkSettings

Precision = Literal["32", "bf16"]

# Molecules at once: on a CPU what a round works on should stay in its cache, a GPU wants to be filled.
_ON_CPU, _ON_GPU = 64, 4096


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
        self,
        graphs: Graphs,
        extra: NDArray[Any] | None = None,
        *,
        batch: int | None = None,
        device: str = "auto",
        precision: Precision = "32",
    ) -> NDArray[np.float64]:  # [molecules, tasks]
        """Values in the units of the training targets, probabilities for classes; NaN for a graph without atoms."""
        return predict_all([self], graphs, extra, batch=batch, device=device, precision=precision)[0]

    def on(self, place: torch.device) -> Network:
        """The network itself, moved there if it is elsewhere."""
        return self.network if self.network.target_mean.device == place else self.network.to(place)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Every weight and scale by name, for safetensors."""
        return {name: tensor.detach().cpu().numpy() for name, tensor in self.network.state_dict().items()}

    def only(self, tasks: Sequence[int]) -> FittedNetwork:
        """The same with these of its outputs, in this order."""
        last = f"head.{len(self.network.head) - 1}"
        own = {f"{last}.weight", f"{last}.bias", "target_mean", "target_scale"}
        tensors = {name: tensor[list(tasks)] if name in own else tensor for name, tensor in self.tensors().items()}
        return self.restore(tensors, self.to_dict() | {"kinds": [self.kinds[i] for i in tasks]})

    def lighter(self) -> FittedNetwork:
        """The same with 12 significant bits a weight, one in four thousand: the rest of each number packs to nothing."""
        return self.restore({name: rounded(tensor) for name, tensor in self.tensors().items()}, self.to_dict())

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
        check_fit(network, state)
        network.load_state_dict(state)
        return cls(network.eval(), settings, kinds)


def predict_all(
    networks: Sequence[FittedNetwork],
    graphs: Graphs,
    extra: NDArray[Any] | None = None,
    *,
    batch: int | None = None,
    device: str = "auto",
    precision: Precision = "32",
) -> NDArray[np.float64]:  # [networks, molecules, tasks]
    """What each network of an ensemble says, a batch being made once for all of them.

    The size of a batch changes nothing beyond rounding; where a GPU's memory does not hold one it is halved, and when
    that does not help the CPU goes on. `bf16` is a GPU's fast half precision, good to two or three digits: CPU and
    GPU agree to 1e-4 only in `32`.
    """
    beside = as_extra(extra, rows=len(graphs), width=len(networks[0].network.extra_mean))
    out = np.full((len(networks), len(graphs), len(networks[0].kinds)), np.nan)
    try:
        for rows, said in in_batches(partial(_said, networks, graphs, beside, precision), len(graphs), best_device(device), batch):
            out[:, rows] = said.numpy()
    finally:
        for one in networks:  # home again: one process may predict on several devices in turn
            one.network.cpu()
    return out


def _said(
    networks: Sequence[FittedNetwork], graphs: Graphs, beside: torch.Tensor | None, precision: Precision, rows: slice, place: torch.device
) -> torch.Tensor:  # [networks, rows, tasks], on the CPU
    graph = GraphBatch.of(graphs.take(np.arange(rows.start, rows.stop))).to(place)
    numbers = None if beside is None else beside[rows].to(place)
    half = torch.autocast(place.type, torch.bfloat16) if precision == "bf16" else nullcontext()
    with torch.inference_mode(), half:
        raw = torch.stack([one.on(place)(graph, numbers).float() * one.network.target_scale + one.network.target_mean for one in networks])
        raw[:, ~graph.valid] = torch.nan
        values = raw.cpu()
    classes = torch.tensor([kind == "classification" for kind in networks[0].kinds])
    return torch.where(classes, values.sigmoid(), values) if classes.any() else values


def in_batches(
    say: Callable[[slice, torch.device], torch.Tensor], molecules: int, place: torch.device, batch: int | None = None
) -> Iterator[tuple[slice, torch.Tensor]]:
    """What `say` says of all rows, some at a time; fewer where memory does not hold them, and at last on the CPU."""
    size = batch or (_ON_CPU if place.type == "cpu" else _ON_GPU)
    start = 0
    while start < molecules:
        rows = slice(start, min(start + size, molecules))
        try:
            said = say(rows, place)
        except torch.OutOfMemoryError:
            if place.type == "cpu" and size == 1:
                raise
            if place.type != "cpu" and size <= _ON_CPU:
                place = torch.device("cpu")
            else:
                size = max(size // 2, 1)
            continue
        yield rows, said
        start = rows.stop


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
    if extra is None or seen[1] == 0:
        return None
    values = np.ascontiguousarray(extra, dtype=np.float32)
    return torch.from_numpy(values if values.flags.writeable else values.copy())


def rounded(tensor: NDArray[Any]) -> NDArray[Any]:
    """The numbers with 12 significant bits each, if they are float32."""
    if tensor.dtype != np.float32:
        return tensor
    fraction, exponent = np.frexp(tensor)
    return np.ldexp(np.round(fraction * 4096) / 4096, exponent).astype(np.float32)


def check_fit(network: torch.nn.Module, state: Mapping[str, torch.Tensor]) -> None:
    """A MolgenError that names the first weight that is missing, too many or of another shape."""
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    seen = {name: tuple(tensor.shape) for name, tensor in state.items()}
    for name in sorted(wanted.keys() | seen.keys()):
        if wanted.get(name) != seen.get(name):
            raise MolgenError(f"weights {name!r} have shape {seen.get(name)}, want {wanted.get(name)}", where="saved network")
