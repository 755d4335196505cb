"""How wrong a prediction is, over the values that were measured and no others."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, huber_loss

Kind = Literal["regression", "classification"]
Loss = Literal["mse", "mae", "huber"]


def masked_loss(
    predicted: Tensor,  # [molecules, tasks]; logits for classification
    targets: Tensor,  # [molecules, tasks]; NaN is missing, classes are 0 and 1
    *,
    kinds: tuple[Kind, ...],
    loss: Loss = "mse",
    relations: Tensor | None = None,  # [molecules, tasks]; 1 the true value is above the target, -1 below, 0 equal
    weights: Tensor | None = None,  # [tasks], 1 on average over all values there are
) -> Tensor:  # scalar
    """Mean loss over all known targets, each weighed alike or by its task; 0 where nothing is known.

    A target that is only a bound costs nothing on its far side: ">10" is met by 12.

    >>> masked_loss(torch.tensor([[1.0], [5.0]]), torch.tensor([[3.0], [torch.nan]]), kinds=("regression",))
    tensor(4.)
    """
    known = ~targets.isnan()
    targets = torch.where(known, targets, 0.0)
    regression = torch.tensor([kind == "regression" for kind in kinds], device=targets.device)
    error = predicted - targets
    if relations is not None:
        error = torch.where(relations > 0, error.clamp(max=0), torch.where(relations < 0, error.clamp(min=0), error))
    losses = _of_error(error, loss)
    if not regression.all():
        losses = torch.where(regression, losses, binary_cross_entropy_with_logits(predicted, targets, reduction="none"))
    if weights is not None:
        losses = losses * weights
    return torch.where(known, losses, 0.0).sum() / known.sum().clamp(min=1)


def task_weights(known: Tensor, evenness: float) -> Tensor:  # [tasks]
    """What a value of each task counts, from how many there are: values known [molecules, tasks] count 1 on average.

    At evenness 0 every value counts the same, at 1 every task does.

    >>> task_weights(torch.tensor([[True, True], [True, False], [True, False], [True, False]]), 0.5)
    tensor([0.8333, 1.6667])
    """
    count = known.sum(dim=0).double()
    lifted = count.clamp(min=1) ** -evenness
    return (lifted * count.sum() / (lifted * count).sum().clamp(min=1e-12)).float()


def _of_error(error: Tensor, loss: Loss) -> Tensor:
    if loss == "mse":
        return error.square()
    if loss == "mae":
        return error.abs()
    return huber_loss(error, torch.zeros_like(error), reduction="none")
