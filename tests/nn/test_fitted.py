"""Prediction: one batch for all networks, batches that shrink where memory is short, and what is asked of which device."""

from __future__ import annotations

import os
from multiprocessing import get_context

import numpy as np
import pytest
import torch
from rdkit import Chem

from molgen.features.graph import graphs
from molgen.nn.fitted import FittedNetwork, empty_network, in_batches, predict_all
from molgen.nn.network import Network, NetworkSettings

SMILES = ["CCO", "c1ccccc1C", "CC(=O)O", "C", "CCN", "C#N", "CCCl", "OCCO", "CSC", "c1ccncc1", "CC"]
GRAPHS = graphs([*(Chem.MolFromSmiles(smiles) for smiles in SMILES), None])
EXTRA = np.random.default_rng(0).normal(size=(len(GRAPHS), 3))
CUDA, CPU = torch.device("cuda"), torch.device("cpu")


def networks(count: int) -> list[FittedNetwork]:
    settings = NetworkSettings(width=8, head_width=8)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = [Network(settings, tasks=2, extra=3).eval() for _ in range(count)]
    return [FittedNetwork(network, settings, ("regression", "classification")) for network in made]


def test_an_ensemble_says_what_each_of_its_networks_says() -> None:
    several = networks(3)
    together = predict_all(several, GRAPHS, EXTRA)
    assert together.shape == (3, len(GRAPHS), 2)
    for one, said in zip(several, together):
        # Not to the last digit: a sigmoid over longer rows falls on other lanes of the processor.
        np.testing.assert_allclose(one.predict(GRAPHS, EXTRA), said, rtol=1e-6)
    assert np.isnan(together[:, -1]).all() and np.isfinite(together[:, :-1]).all()
    assert not np.allclose(together[0], together[1], equal_nan=True)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks")
def test_a_forked_child_says_what_its_parent_says() -> None:
    torch.set_num_threads(max(2, torch.get_num_threads()))
    (own,) = networks(1)
    said = own.predict(GRAPHS, EXTRA)
    with get_context("fork").Pool(1) as pool:
        np.testing.assert_allclose(pool.apply_async(own.predict, (GRAPHS, EXTRA)).get(60), said, rtol=1e-5)


class Short:
    """A machine on which only so many molecules fit at once; writes down what it was asked."""

    def __init__(self, on_gpu: int, on_cpu: int) -> None:
        self.room = {"cuda": on_gpu, "cpu": on_cpu}
        self.asked: list[tuple[str, int]] = []

    def __call__(self, rows: slice, place: torch.device) -> torch.Tensor:
        self.asked.append((place.type, rows.stop - rows.start))
        if rows.stop - rows.start > self.room[place.type]:
            raise torch.OutOfMemoryError("no room")
        return torch.arange(rows.start, rows.stop).float()


def said(machine: Short, molecules: int, place: torch.device, batch: int | None) -> list[float]:
    return torch.cat([values for _, values in in_batches(machine, molecules, place, batch)]).tolist()


def test_a_batch_that_does_not_fit_is_halved_and_every_row_is_said_once() -> None:
    machine = Short(on_gpu=300, on_cpu=300)
    assert said(machine, 1500, CUDA, 1024) == list(range(1500))
    assert machine.asked[:3] == [("cuda", 1024), ("cuda", 512), ("cuda", 256)]
    assert {size for _, size in machine.asked[2:]} == {256, 1500 % 256}


def test_a_gpu_without_room_leaves_the_rest_to_the_cpu() -> None:
    machine = Short(on_gpu=0, on_cpu=1000)
    assert said(machine, 100, CUDA, None) == list(range(100))
    assert machine.asked[-1][0] == "cpu" and ("cpu", 100) not in machine.asked


def test_a_cpu_without_room_for_one_molecule_says_so() -> None:
    with pytest.raises(torch.OutOfMemoryError):
        said(Short(on_gpu=0, on_cpu=0), 10, CUDA, 8)


def test_short_memory_changes_no_prediction(monkeypatch: pytest.MonkeyPatch) -> None:
    one = networks(1)[0]
    plenty = one.predict(GRAPHS, EXTRA, batch=len(GRAPHS), device="cpu")
    forward = Network.forward

    def cramped(self: Network, graph: object, extra: torch.Tensor | None = None) -> torch.Tensor:
        if len(graph) > 3:  # type: ignore[arg-type]
            raise torch.OutOfMemoryError("no room")
        return forward(self, graph, extra)  # type: ignore[arg-type]

    monkeypatch.setattr(Network, "forward", cramped)
    np.testing.assert_allclose(one.predict(GRAPHS, EXTRA, batch=len(GRAPHS), device="cpu"), plenty, atol=1e-6)


def test_half_precision_is_near_and_asked_for_by_name() -> None:
    one = networks(1)[0]
    exact, half = one.predict(GRAPHS, EXTRA, device="cpu"), one.predict(GRAPHS, EXTRA, device="cpu", precision="bf16")
    np.testing.assert_allclose(half, exact, atol=0.05)
    assert not np.array_equal(half, exact, equal_nan=True)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_a_gpu_agrees_with_the_cpu_to_a_ten_thousandth() -> None:
    one = networks(1)[0]
    np.testing.assert_allclose(one.predict(GRAPHS, EXTRA, device="cuda"), one.predict(GRAPHS, EXTRA, device="cpu"), atol=1e-4)


def test_numbers_that_may_not_be_written_to_can_be_read() -> None:
    frozen = EXTRA.astype(np.float32)
    frozen.flags.writeable = False
    one = networks(1)[0]
    np.testing.assert_array_equal(one.predict(GRAPHS, frozen), one.predict(GRAPHS, frozen.copy()))
    assert empty_network(one.settings, tasks=2, extra=3).extra_mean.shape == (3,)
