"""Training a network: from graphs and targets to a `FittedNetwork`, on whatever device there is."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from molgen.base.errors import MolgenError
from molgen.base.files import digest
from molgen.features.graph import Graphs
from molgen.nn.epochs import Job, Progress, train
from molgen.nn.fitted import Epoch, FittedNetwork, as_extra, best_device, empty_network
from molgen.nn.loss import Kind, task_weights
from molgen.nn.network import NetworkSettings, TrainingSettings
from molgen.nn.samples import Molecules, Samples, mean_and_scale
from molgen.nn.taught import read_encoder

__all__ = ["Epoch", "FittedNetwork", "NetworkSettings", "fit_network"]


def fit_network(
    settings: NetworkSettings,
    graphs: Graphs,
    extra: NDArray[Any] | None,  # [molecules, numbers about the molecule]
    targets: NDArray[Any],  # [molecules, tasks]; NaN is missing, classes are 0 and 1
    *,
    kinds: tuple[Kind, ...],  # [tasks]
    validation: NDArray[np.bool_] | None = None,  # [molecules]
    relations: NDArray[Any] | None = None,  # [molecules, tasks]; 1 truly above the target, -1 below, 0 equal
    seed: int,
    device: str = "auto",
    devices: int = 1,
    precision: str = "auto",
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> FittedNetwork:
    """A network trained on the molecules outside `validation`, with the weights that did best inside it.

    Without `validation` all epochs are run and the last weights kept. Training that finds its own
    `checkpoint` goes on where that stopped, and ends as if it had never stopped. On a CPU one seed gives
    one result; the process's own random numbers are left as they were. `precision` is Fabric's
    (`auto`: bfloat16 where a GPU is, else 32 bits); `progress` gets epochs done, epochs in all, training loss.
    """
    samples = Molecules(graphs, as_extra(extra, rows=len(graphs)))
    begin = None if settings.start is None else read_encoder(settings)
    tensors, history = fit(
        settings,
        samples,
        targets,
        kinds=kinds,
        validation=validation,
        relations=relations,
        begin=begin,
        seed=seed,
        device=device,
        devices=devices,
        precision=precision,
        checkpoint=checkpoint,
        progress=progress,
    )
    network = empty_network(settings, tasks=len(kinds), extra=samples.width)
    network.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in tensors.items()})
    return FittedNetwork(network.eval(), settings, kinds, tuple(history))


def fit(
    settings: TrainingSettings,
    samples: Samples,
    targets: NDArray[Any],  # [samples, tasks]
    *,
    kinds: tuple[Kind, ...],
    validation: NDArray[np.bool_] | None = None,
    relations: NDArray[Any] | None = None,
    begin: dict[str, Tensor] | None = None,
    seed: int,
    device: str = "auto",
    devices: int = 1,
    precision: str = "auto",
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> tuple[dict[str, NDArray[Any]], list[Epoch]]:
    """The weights of a network for rows of any kind, by name, and how each epoch went; all as in `fit_network`."""
    values = _checked_targets(targets, len(samples), kinds)
    held_out = np.zeros(len(samples), dtype=bool) if validation is None else np.asarray(validation, dtype=bool)
    labelled = ~np.isnan(values).all(axis=1)
    training = np.flatnonzero(~held_out & labelled)
    if not len(training):
        raise MolgenError("no molecule with a known target to train on")
    scales = _target_scales(values[training], kinds) | samples.scales(training)
    job = Job(
        settings=settings,
        samples=samples,
        targets=(torch.from_numpy(values).float() - scales["target_mean"]) / scales["target_scale"],
        known=(~np.isnan(values)).sum(axis=1),
        relations=None if relations is None else torch.from_numpy(np.array(relations, dtype=np.float32)),
        weights=task_weights(torch.from_numpy(~np.isnan(values[training])), settings.evenness),
        kinds=kinds,
        training=training,
        validation=np.flatnonzero(held_out & labelled),
        scales=scales,
        begin=begin,
        seed=seed,
        checkpoint=None if checkpoint is None else Path(checkpoint),
        fingerprint=_fingerprint(settings, seed, kinds, *samples.arrays(), values, held_out, relations, *_arrays(begin)),
        progress=progress,
    )
    return _launch(job, device, devices, precision)


def _arrays(begin: dict[str, Tensor] | None) -> list[NDArray[Any]]:
    return [] if begin is None else [begin[name].numpy() for name in sorted(begin)]


def _launch(job: Job, device: str, devices: int, precision: str) -> tuple[dict[str, NDArray[Any]], list[Epoch]]:
    from lightning_fabric import Fabric  # two seconds of imports that only training needs

    place = best_device(device)
    if precision == "auto":
        precision = "bf16-mixed" if place.type == "cuda" else "32-true"
    chosen: list[int] | int = [place.index] if place.index is not None and devices == 1 else devices
    fabric = Fabric(
        accelerator=place.type,
        devices=chosen,
        precision=cast(Any, precision),
        strategy="auto" if devices == 1 else "ddp_spawn",  # spawn: the caller's script is not run once more
    )
    return cast(tuple[dict[str, NDArray[Any]], list[Epoch]], fabric.launch(partial(_train_and_part, job=job)))


def _train_and_part(fabric: Any, job: Job) -> tuple[dict[str, NDArray[Any]], list[Epoch]]:
    """`train`; processes that did it together let go of each other before they end.

    One that ends with its lines to the others open now and then dies of it, and takes the training along.
    """
    done = train(fabric, job)
    if fabric.world_size > 1:
        fabric.barrier()
        torch.distributed.destroy_process_group()
    return done


def _checked_targets(targets: NDArray[Any], molecules: int, kinds: tuple[Kind, ...]) -> NDArray[np.float64]:
    values = np.array(targets, dtype=np.float64)
    if values.shape != (molecules, len(kinds)):
        raise MolgenError(f"targets have shape {values.shape}, want ({molecules}, {len(kinds)})")
    if np.isinf(values).any():
        raise MolgenError("targets hold an infinite value", fix="leave a value that is not known as NaN")
    for task, kind in enumerate(kinds):
        seen = values[:, task][~np.isnan(values[:, task])]
        if kind == "classification" and not np.isin(seen, (0, 1)).all():
            raise MolgenError(f"task {task} is a classification with values other than 0 and 1")
    return values


def _target_scales(values: NDArray[np.float64], kinds: tuple[Kind, ...]) -> dict[str, Tensor]:
    regression = np.array([kind == "regression" for kind in kinds])
    mean, scale = mean_and_scale(values, smallest=0.0)  # values in mol/L are of any size
    scales = {"target_mean": np.where(regression, mean, 0.0), "target_scale": np.where(regression, scale, 1.0)}
    return {name: torch.from_numpy(value.astype(np.float32)) for name, value in scales.items()}


def _fingerprint(settings: TrainingSettings, seed: int, kinds: tuple[Kind, ...], *arrays: NDArray[Any] | None) -> str:
    """Digest of all that decides a training's result."""
    content = hashlib.sha256()
    for array in arrays:
        content.update(b"none" if array is None else np.ascontiguousarray(array).tobytes())
    return digest(settings.model_dump(mode="json"), seed, list(kinds), content.hexdigest())
