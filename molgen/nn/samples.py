"""What a network is trained on: rows of some kind, and the network that is for them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from molgen.features.graph import Graphs
from molgen.nn.batch import GraphBatch
from molgen.nn.network import Network

if TYPE_CHECKING:
    from molgen.nn.network import NetworkSettings


class Samples(ABC):
    """Rows, one a target. The network gives one output a task for each, in standardised units, logits for classes."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def network(self, settings: Any, tasks: int) -> nn.Module:
        """A network for such rows, its weights as chance has them; it has the buffers `target_mean` and `target_scale`."""

    @abstractmethod
    def inputs(self, rows: NDArray[np.int64], device: torch.device) -> tuple[Any, ...]:
        """What the network's `forward` takes for these rows."""

    @abstractmethod
    def scales(self, training: NDArray[np.int64]) -> dict[str, Tensor]:
        """The network's buffers beside those of the targets, from these rows alone."""

    @abstractmethod
    def arrays(self) -> list[NDArray[Any] | None]:
        """All numbers of all rows, in an order of their own."""


@dataclass(frozen=True, eq=False)
class Molecules(Samples):
    """A row is a molecule: its graph, and numbers about the whole of it."""

    graphs: Graphs
    extra: Tensor | None  # [molecules, extra]

    def __len__(self) -> int:
        return len(self.graphs)

    @property
    def width(self) -> int:
        """Numbers about a molecule."""
        return 0 if self.extra is None else self.extra.shape[1]

    def network(self, settings: NetworkSettings, tasks: int) -> Network:
        return Network(settings, tasks=tasks, extra=self.width)

    def inputs(self, rows: NDArray[np.int64], device: torch.device) -> tuple[Any, ...]:
        graph = GraphBatch.of(self.graphs.take(rows)).to(device)
        return graph, None if self.extra is None else self.extra[rows].to(device)

    def scales(self, training: NDArray[np.int64]) -> dict[str, Tensor]:
        return {} if self.extra is None else named_scales("extra", self.extra[training].double().numpy())

    def arrays(self) -> list[NDArray[Any] | None]:
        return [*vars(self.graphs).values(), None if self.extra is None else self.extra.numpy()]


def named_scales(name: str, columns: NDArray[np.float64]) -> dict[str, Tensor]:
    """Mean and standard deviation of each column over its known values, as the buffers that are called so."""
    mean, scale = mean_and_scale(columns)
    return {f"{name}_mean": torch.from_numpy(mean.astype(np.float32)), f"{name}_scale": torch.from_numpy(scale.astype(np.float32))}


def mean_and_scale(columns: NDArray[np.float64], *, smallest: float = 1e-6) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each column over its known values; 0 and 1 where there are none. A deviation below a millionth of the
    mean, or of `smallest` where that is more, is rounding, and 1 too."""
    known = ~np.isnan(columns)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, columns, 0.0).sum(axis=0) / count
    deviation = np.sqrt((np.where(known, columns - mean, 0.0) ** 2).sum(axis=0) / count)
    return mean, np.where(deviation > 1e-6 * np.maximum(np.abs(mean), smallest), deviation, 1.0)
