"""Encoders: neural networks from a batch of molecules to one vector each."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from molgen.base.registry import Registry
from molgen.nn.batch import GraphBatch

ENCODERS = Registry(
    "encoder",
    {
        "dmpnn": "molgen.nn.dmpnn:DMPNN",
        "gine": "molgen.nn.gine:GINE",
    },
)


class Encoder(nn.Module, ABC):
    """A vector a molecule, whatever order its atoms are numbered in and whatever else is in the batch.

    A subclass takes keyword options with `width` and `dropout` among them. A molecule without atoms
    gets some vector too: whoever asks masks it out, by `GraphBatch.valid`.
    """

    def __init__(self, *, width: int) -> None:
        super().__init__()
        self.width = width

    @abstractmethod
    def forward(self, graph: GraphBatch) -> Tensor:  # [molecules, width]
        """The vectors, in the order of the batch."""
