"""The training loop: epochs of shuffled batches, the best weights kept, and a way to go on after an interruption.

The chance of an epoch follows from the seed and the epoch's number alone, so a training taken up
from a checkpoint needs no generator state to equal the unbroken one.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from molgen.base.errors import MolgenError
from molgen.nn.checkpoint import (
    cpu_copy,
    optimizer_tensors,
    prefixed,
    read_checkpoint,
    restore_optimizer,
    under,
    write_checkpoint,
)
from molgen.nn.fitted import Epoch
from molgen.nn.loss import Kind, masked_loss
from molgen.nn.network import TrainingSettings
from molgen.nn.samples import Samples

if TYPE_CHECKING:
    from lightning_fabric import Fabric

Progress = Callable[[int, int, float], None]  # epochs done, epochs in all, training loss


@dataclass(frozen=True, eq=False, kw_only=True)
class Job:
    """Everything one training needs, in standardised units; travels to other processes as it is."""

    settings: TrainingSettings
    samples: Samples
    targets: Tensor  # [samples, tasks], NaN is missing
    known: NDArray[np.int64]  # [samples], how many targets are not missing
    relations: Tensor | None  # [samples, tasks]
    weights: Tensor  # [tasks], what a value counts
    kinds: tuple[Kind, ...]
    training: NDArray[np.int64]  # rows
    validation: NDArray[np.int64]  # rows, none for no early stopping
    scales: dict[str, Tensor]  # the network's buffers
    begin: dict[str, Tensor] | None  # weights of an encoder that was taught before
    seed: int
    checkpoint: Path | None
    fingerprint: str  # of all that decides the result
    progress: Progress | None


@dataclass
class _Course:
    """What changes while training."""

    network: nn.Module  # the weights that are trained
    average: nn.Module  # the weights that are kept: a running mean, or the same network
    optimizer: torch.optim.Optimizer
    best: dict[str, Tensor] = field(default_factory=dict)
    best_loss: float = math.inf
    history: list[Epoch] = field(default_factory=list)
    waited: int = 0  # epochs since the best


def train(fabric: Fabric, job: Job) -> tuple[dict[str, NDArray[Any]], list[Epoch]]:
    """The best weights, or the last where there is no validation, and how each epoch went.

    Weights as numpy: a tensor sent home from another process dies with that process.
    """
    forked = [fabric.device] if fabric.device.type == "cuda" else []
    with torch.random.fork_rng(devices=forked):
        course = _start(fabric, job)
        if job.checkpoint is not None and job.checkpoint.exists():
            _resume(course, job)
        loss_of, optimizer = fabric.setup(_LossOfRows(course.network, job), course.optimizer)
        for epoch in range(len(course.history), job.settings.epochs):
            if course.waited >= job.settings.patience:
                break
            _reseed(job.seed, epoch + 1, fabric.global_rank)
            training_loss = _one_epoch(fabric, loss_of, optimizer, course, job, epoch)
            _judge(course, job, training_loss)
            if fabric.is_global_zero:
                _report(course, job)
    kept = course.best if len(job.validation) else cpu_copy(course.average)
    return {name: tensor.numpy() for name, tensor in kept.items()}, course.history


def learning_rate(settings: TrainingSettings, step: int, steps: int) -> float:
    """The rate of a step. One cycle: up in a straight line, down along a cosine; a hundredth is left at the end.

    >>> [round(learning_rate(TrainingSettings(learning_rate=1.0, warmup=0.5), step, 10), 2) for step in (0, 5, 10)]
    [0.1, 1.0, 0.01]
    """
    top, warm = settings.learning_rate, settings.warmup * steps if settings.schedule == "one_cycle" else 0.0
    if settings.schedule == "constant":
        return top
    if step < warm:
        return top * (0.1 + 0.9 * step / warm)
    done = (step - warm) / max(steps - warm, 1)
    return top * (0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2)


def _start(fabric: Fabric, job: Job) -> _Course:
    _reseed(job.seed, 0, 0)  # every process starts from the same weights
    network = job.samples.network(job.settings, len(job.kinds))
    network.load_state_dict(job.scales, strict=False)
    if job.begin is not None:
        network.get_submodule("encoder").load_state_dict(job.begin)
    network.to(fabric.device)
    average = copy.deepcopy(network).eval() if job.settings.averaging else network
    # Fused: one pass over all weights a step, which on small networks is a tenth of the time.
    optimizer = torch.optim.AdamW(
        network.parameters(), job.settings.learning_rate, weight_decay=job.settings.weight_decay, fused=True
    )
    return _Course(network, average, optimizer)


def _one_epoch(fabric: Fabric, loss_of: nn.Module, optimizer: torch.optim.Optimizer, course: _Course, job: Job, epoch: int) -> float:
    settings = job.settings
    order = np.random.default_rng((job.seed, epoch)).permutation(job.training)
    batches = [order[start : start + settings.batch_size] for start in range(0, len(order), settings.batch_size)]
    loss_of.train()
    total = 0.0
    for number, rows in enumerate(batches):
        step = epoch * len(batches) + number
        for group in course.optimizer.param_groups:
            group["lr"] = learning_rate(settings, step, settings.epochs * len(batches))
        own = rows[fabric.global_rank :: fabric.world_size]
        loss = loss_of(own)
        optimizer.zero_grad()
        # Gradients are averaged over processes: weighed by their share of known targets, they are the whole batch's.
        share = _known(job, own) / max(_known(job, rows), 1)
        fabric.backward(loss * share * fabric.world_size)
        nn.utils.clip_grad_norm_(course.network.parameters(), settings.clip, foreach=True)
        optimizer.step()
        _update_average(course, settings.averaging, step)
        total += loss.item() * _known(job, own)
    everywhere = float(cast(Tensor, fabric.all_reduce(torch.tensor([total], device=fabric.device), reduce_op="sum")))
    if not math.isfinite(everywhere):
        raise MolgenError(f"training diverged in epoch {epoch + 1}", fix="lower learning_rate, or look for wild numbers beside the graph")
    return everywhere / max(_known(job, order), 1)


class _LossOfRows(nn.Module):
    """What Fabric wraps: only row numbers pass its door, as it can't look into frozen batches."""

    def __init__(self, network: nn.Module, job: Job) -> None:
        super().__init__()
        self.network, self.job = network, job

    def forward(self, rows: NDArray[np.int64]) -> Tensor:  # scalar
        job, device = self.job, self.network.get_buffer("target_mean").device
        predicted = self.network(*job.samples.inputs(rows, device))
        bounds = None if job.relations is None else job.relations[rows].to(device)
        return masked_loss(
            predicted.float(),
            job.targets[rows].to(device),
            kinds=job.kinds,
            loss=job.settings.loss,
            relations=bounds,
            weights=job.weights.to(device),
        )


def _known(job: Job, rows: NDArray[np.int64]) -> int:
    return int(job.known[rows].sum())


def _judge(course: _Course, job: Job, training_loss: float) -> None:
    """Notes how the epoch went; keeps the weights when they are the best so far."""
    if not len(job.validation):
        course.history.append(Epoch(training_loss, None))
        return
    loss_of = _LossOfRows(course.average, job).eval()
    chunks = [job.validation[start : start + 64] for start in range(0, len(job.validation), 64)]
    with torch.no_grad():
        total = sum(loss_of(rows).item() * _known(job, rows) for rows in chunks)
    validation_loss = total / max(_known(job, job.validation), 1)
    course.history.append(Epoch(training_loss, validation_loss))
    course.waited += 1
    if validation_loss < course.best_loss:
        course.best, course.best_loss, course.waited = cpu_copy(course.average), validation_loss, 0


def _update_average(course: _Course, decay: float, step: int) -> None:
    if not decay:
        return
    decay = min(decay, (1 + step) / (10 + step))  # short memory first, so that the random start is forgotten
    with torch.no_grad():
        torch._foreach_lerp_(list(course.average.parameters()), list(course.network.parameters()), 1 - decay)


def _reseed(*parts: int) -> None:
    torch.manual_seed(int(np.random.SeedSequence(parts).generate_state(1)[0]))


def _report(course: _Course, job: Job) -> None:
    if job.checkpoint is not None:
        tensors = {
            **prefixed("network", cpu_copy(course.network)),
            **prefixed("average", cpu_copy(course.average)),
            **prefixed("best", course.best),
            **prefixed("optimizer", optimizer_tensors(course.optimizer)),
        }
        history = [epoch._asdict() for epoch in course.history]
        write_checkpoint(job.checkpoint, tensors, {"job": job.fingerprint, "history": history, "waited": course.waited})
    if job.progress is not None:
        job.progress(len(course.history), job.settings.epochs, course.history[-1].training_loss)


def _resume(course: _Course, job: Job) -> None:
    assert job.checkpoint is not None
    tensors, facts = read_checkpoint(job.checkpoint)
    if facts["job"] != job.fingerprint:
        raise MolgenError(
            "this checkpoint is of a training with other molecules, targets, settings or seed",
            where=str(job.checkpoint),
            fix="remove it to train from the start, or name another file",
        )
    course.network.load_state_dict(under("network", tensors))
    course.average.load_state_dict(under("average", tensors))
    restore_optimizer(course.optimizer, under("optimizer", tensors))
    course.best, course.waited = under("best", tensors), facts["waited"]
    course.history = [Epoch(**epoch) for epoch in facts["history"]]
    course.best_loss = min((epoch.validation_loss for epoch in course.history if epoch.validation_loss is not None), default=math.inf)
