"""A network for molecules: an encoder, numbers about the whole molecule beside it, and a head with one output a task."""

from __future__ import annotations

from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from molgen.base.config import Config
from molgen.nn.base import ENCODERS
from molgen.nn.batch import GraphBatch
from molgen.nn.forks import outlive_forks
from molgen.nn.loss import Loss

Schedule = Literal["one_cycle", "cosine", "constant"]


class TrainingSettings(Config):
    """How a network is trained, whatever it is."""

    loss: Loss = Field("mse", description="loss of regression tasks")
    evenness: float = Field(0.0, ge=0, le=1, description="0 weighs every value alike, 1 every task, however few values it has")
    epochs: int = Field(30, ge=1, description="passes over the training molecules")
    batch_size: int = Field(32, ge=1, description="molecules a step")
    learning_rate: float = Field(1e-3, gt=0, description="largest learning rate")
    schedule: Schedule = Field("one_cycle", description="course of the learning rate")
    warmup: float = Field(0.1, ge=0, lt=1, description="share of all steps in which one_cycle rises")
    weight_decay: float = Field(0.01, ge=0, description="AdamW's pull of weights to zero")
    clip: float = Field(5.0, gt=0, description="largest norm of the gradient")
    averaging: float = Field(0.0, ge=0, lt=1, description="decay of the running average of weights; 0 keeps the last")
    patience: int = Field(30, ge=1, description="epochs without a better validation loss before training stops")


class NetworkSettings(TrainingSettings):
    """What a network is and how it is trained.

    The defaults are for some hundred to some thousand molecules with a fingerprint (logarithms of counts) and quick
    descriptors beside the graph. There the fragments lead: a wide encoder learns the training molecules by heart. A
    graph alone, or ten thousand molecules, deserves a width of 300.
    """

    encoder: str = Field("dmpnn", description="name of the graph encoder")
    encoder_options: dict[str, Any] = Field({}, description="options of the encoder beside width and dropout")
    width: int = Field(128, ge=1, description="width of the encoder")
    start: str | None = Field(None, description="encoder to begin from, one that was taught before: ours by name, or a file")
    head_width: int = Field(300, ge=1, description="width of the layers after the encoder")
    head_layers: int = Field(1, ge=0, description="hidden layers after the encoder")
    dropout: float = Field(0.3, ge=0, lt=1, description="share of hidden values dropped while training")


class Network(nn.Module):
    """Encoder and head. Numbers about the molecule are standardised inside; outputs are in standardised units.

    The buffers hold the scales, so that a saved network is whole. A missing number (NaN) counts as the mean.
    """

    extra_mean: Tensor  # [extra]
    extra_scale: Tensor  # [extra]
    target_mean: Tensor  # [tasks]; 0 for classification
    target_scale: Tensor  # [tasks]; 1 for classification

    def __init__(self, settings: NetworkSettings, *, tasks: int, extra: int = 0) -> None:
        super().__init__()
        outlive_forks()
        options = {"width": settings.width, "dropout": settings.dropout, **settings.encoder_options}
        self.encoder = ENCODERS.build(settings.encoder, options)
        self.head = _head(settings, self.encoder.width + extra, tasks)
        for name, size, value in (("extra", extra, 0.0), ("target", tasks, 0.0)):
            self.register_buffer(f"{name}_mean", torch.full((size,), value))
            self.register_buffer(f"{name}_scale", torch.ones(size))

    def forward(self, graph: GraphBatch, extra: Tensor | None = None) -> Tensor:  # [molecules, tasks]
        encoded = self.encoder(graph)
        if extra is None:
            return self.head(encoded)
        standard = ((extra - self.extra_mean) / self.extra_scale).nan_to_num(0.0).clamp(-_FAR, _FAR)
        return self.head(torch.cat([encoded, standard], dim=1))


# Standard deviations from the mean past which a number about the molecule says no more than "far out". A fragment
# seen in one training molecule of six hundred is twenty-five deviations out, and would be learned by heart.
_FAR = 2.5


def _head(settings: NetworkSettings, width: int, tasks: int) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Dropout(settings.dropout)]
    for _ in range(settings.head_layers):
        layers += [nn.Linear(width, settings.head_width), nn.ReLU(), nn.Dropout(settings.dropout)]
        width = settings.head_width
    return nn.Sequential(*layers, nn.Linear(width, tasks))
