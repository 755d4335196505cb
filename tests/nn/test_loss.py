"""The masked loss against a loop over known values with each loss written by hand."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from molgen.nn.loss import Kind, masked_loss, task_weights

KINDS: tuple[Kind, ...] = ("regression", "classification", "regression")
NAN = math.nan


def by_hand(predicted: float, target: float, kind: Kind, loss: str, relation: float) -> float:
    if kind == "classification":
        chance = 1 / (1 + math.exp(-predicted))
        return -math.log(chance if target == 1 else 1 - chance)
    error = predicted - target
    if (relation > 0 and error > 0) or (relation < 0 and error < 0):
        return 0.0
    if loss == "mse":
        return error**2
    if loss == "mae":
        return abs(error)
    return error**2 / 2 if abs(error) <= 1 else abs(error) - 0.5


def random_case(seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    chance = torch.Generator().manual_seed(seed)
    predicted = 2 * torch.randn(9, 3, generator=chance)
    targets = 2 * torch.randn(9, 3, generator=chance)
    targets[:, 1] = (targets[:, 1] > 0).float()
    targets[torch.rand(9, 3, generator=chance) < 0.4] = NAN
    relations = torch.randint(-1, 2, (9, 3), generator=chance).float()
    relations[:, 1] = 0
    return predicted, targets, relations


@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
@pytest.mark.parametrize("bounded", [False, True])
@given(seed=st.integers(0, 2**31))
def test_loss_is_the_mean_of_a_loop_over_known_values(loss: str, bounded: bool, seed: int) -> None:
    predicted, targets, relations = random_case(seed)
    values = [
        by_hand(float(predicted[i, t]), float(targets[i, t]), KINDS[t], loss, float(relations[i, t]) if bounded else 0.0)
        for i in range(9)
        for t in range(3)
        if not math.isnan(targets[i, t])
    ]
    result = masked_loss(predicted, targets, kinds=KINDS, loss=loss, relations=relations if bounded else None)  # type: ignore[arg-type]
    assert float(result) == pytest.approx(sum(values) / max(len(values), 1), rel=1e-4, abs=1e-6)


def test_missing_values_send_no_gradient_and_no_nan() -> None:
    predicted = torch.zeros(2, 2, requires_grad=True)
    masked_loss(predicted, torch.tensor([[1.0, NAN], [NAN, NAN]]), kinds=("regression", "classification")).backward()
    assert predicted.grad is not None
    assert predicted.grad.tolist() == [[-2.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("rows", [0, 3])
def test_nothing_known_costs_nothing(rows: int) -> None:
    assert masked_loss(torch.ones(rows, 1), torch.full((rows, 1), NAN), kinds=("regression",)) == 0


def test_a_bound_that_is_met_costs_nothing() -> None:
    predicted, targets = torch.tensor([[12.0], [8.0]]), torch.tensor([[10.0], [10.0]])
    above = masked_loss(predicted, targets, kinds=("regression",), relations=torch.ones(2, 1))
    below = masked_loss(predicted, targets, kinds=("regression",), relations=-torch.ones(2, 1))
    assert float(above) == float(below) == 2.0  # (8 - 10)^2 / 2 and (12 - 10)^2 / 2


def test_weighed_by_task_the_loss_is_the_mean_of_a_loop_that_weighs() -> None:
    predicted, targets, _ = random_case(3)
    known = ~targets.isnan()
    weights = task_weights(known, 0.5)
    assert float((weights * known.sum(dim=0)).sum()) == pytest.approx(float(known.sum()), rel=1e-6)
    values = [
        float(weights[t]) * by_hand(float(predicted[i, t]), float(targets[i, t]), KINDS[t], "mse", 0.0)
        for i in range(9)
        for t in range(3)
        if known[i, t]
    ]
    told = masked_loss(predicted, targets, kinds=KINDS, weights=weights)
    assert float(told) == pytest.approx(sum(values) / len(values), rel=1e-5)


def test_even_weights_give_every_task_the_same_say() -> None:
    known = torch.zeros(100, 3, dtype=torch.bool)
    known[:90, 0], known[:9, 1] = True, True  # and a task that nothing is known of
    weights = task_weights(known, 1.0)
    assert float(weights[0] * 90) == pytest.approx(float(weights[1] * 9)) and torch.isfinite(weights).all()
    assert task_weights(known, 0.0)[:2].tolist() == [1.0, 1.0]
