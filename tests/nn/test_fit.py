"""Training: seeds, interruption, saving, early stopping, several tasks with gaps, and that it learns at all."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rdkit import Chem
from safetensors.numpy import load_file, save_file

from molgen.base.errors import MolgenError
from molgen.features.graph import Graphs, graphs
from molgen.nn.fit import FittedNetwork, NetworkSettings, fit_network

CHAINS = [f"{'C' * n}{tail}" for n in range(1, 13) for tail in ("", "O", "N", "F")]
MOLS = [Chem.MolFromSmiles(smiles) for smiles in CHAINS]
GRAPHS = graphs(MOLS)
SIZE = np.array([[float(mol.GetNumAtoms())] for mol in MOLS])  # [molecules, 1]
SETTINGS = NetworkSettings(width=16, head_width=16, epochs=6, batch_size=8, learning_rate=3e-3, dropout=0.1)
REGRESSION: Any = {"kinds": ("regression",)}


def fit(
    settings: NetworkSettings = SETTINGS, many: Graphs = GRAPHS, extra: Any = None, targets: Any = SIZE, **options: Any
) -> FittedNetwork:
    return fit_network(settings, many, extra, targets, **{**REGRESSION, "seed": 0, "device": "cpu", **options})


def same(one: FittedNetwork, other: FittedNetwork) -> bool:
    first, second = one.tensors(), other.tensors()
    return first.keys() == second.keys() and all(np.array_equal(first[name], second[name]) for name in first)


def test_the_same_seed_twice_is_equal_bit_by_bit_and_another_is_not() -> None:
    extra = np.random.default_rng(0).normal(size=(len(MOLS), 3))
    first, again, other = (fit(extra=extra, seed=seed) for seed in (1, 1, 2))
    assert same(first, again)
    assert np.array_equal(first.predict(GRAPHS, extra), again.predict(GRAPHS, extra))
    assert not same(first, other)


def test_training_leaves_the_process_random_numbers_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    FittedNetwork.restore((fitted := fit()).tensors(), fitted.to_dict())
    assert torch.equal(torch.rand(3), expected)


def test_a_network_learns_what_a_graph_shows() -> None:
    settings = SETTINGS.model_copy(update={"epochs": 60, "dropout": 0.0, "encoder_options": {"readout": "sum"}})
    error = fit(settings).predict(GRAPHS) - SIZE
    assert np.sqrt((error**2).mean()) < 0.2 * SIZE.std()


def test_a_network_learns_from_numbers_beside_the_graph() -> None:
    extra = np.random.default_rng(0).normal(size=(len(MOLS), 2))
    settings = SETTINGS.model_copy(update={"epochs": 60, "dropout": 0.0})
    targets = 100 + 7 * extra[:, :1]
    error = fit(settings, extra=extra, targets=targets).predict(GRAPHS, extra) - targets
    assert np.sqrt((error**2).mean()) < 0.2 * targets.std()


def test_predictions_are_in_the_targets_own_units() -> None:
    shifted = fit(targets=1000 + 10 * SIZE).predict(GRAPHS)
    np.testing.assert_allclose(shifted, 1000 + 10 * fit().predict(GRAPHS), rtol=1e-4)


def test_reordering_atoms_keeps_the_prediction() -> None:
    rng = random.Random(0)
    renumbered = [Chem.RenumberAtoms(mol, rng.sample(range(mol.GetNumAtoms()), mol.GetNumAtoms())) for mol in MOLS]
    fitted = fit()
    np.testing.assert_allclose(fitted.predict(graphs(renumbered)), fitted.predict(GRAPHS), atol=1e-5)


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_batch_size_and_order_keep_the_prediction(batch: int) -> None:
    fitted, rows = fit(), np.random.default_rng(0).permutation(len(MOLS))
    np.testing.assert_allclose(fitted.predict(GRAPHS.take(rows), batch=batch), fitted.predict(GRAPHS)[rows], atol=1e-5)


def test_no_molecules_give_no_predictions_and_no_atoms_give_nan() -> None:
    fitted = fit()
    assert fitted.predict(graphs([])).shape == (0, 1)
    values = fitted.predict(graphs([None, MOLS[3]]))
    assert np.isnan(values[0]).all()
    assert np.isfinite(values[1]).all()


class Interruption(KeyboardInterrupt):
    pass


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_a_training_that_was_stopped_ends_as_if_it_was_not(tmp_path: Path, averaging: float) -> None:
    settings = SETTINGS.model_copy(update={"averaging": averaging})
    options = {"validation": np.arange(len(MOLS)) % 4 == 0, "extra": np.random.default_rng(0).normal(size=(len(MOLS), 3))}

    def stop_at_four(epoch: int, epochs: int, loss: float) -> None:
        if epoch == 4:
            raise Interruption

    with pytest.raises(Interruption):
        fit(settings, checkpoint=tmp_path / "c.safetensors", progress=stop_at_four, **options)
    seen: list[int] = []
    resumed = fit(settings, checkpoint=tmp_path / "c.safetensors", progress=lambda epoch, *_: seen.append(epoch), **options)
    assert seen == [5, 6]
    unbroken = fit(settings, **options)
    assert same(resumed, unbroken)
    assert resumed.history == unbroken.history


def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    fit(checkpoint=tmp_path / "c.safetensors")
    with pytest.raises(MolgenError, match="other molecules, targets, settings or seed"):
        fit(checkpoint=tmp_path / "c.safetensors", seed=1)
    with pytest.raises(MolgenError, match="other molecules"):
        fit(checkpoint=tmp_path / "c.safetensors", targets=SIZE + 1)
    (tmp_path / "junk").write_bytes(b"not tensors at all")
    with pytest.raises(MolgenError, match="not a checkpoint"):
        fit(checkpoint=tmp_path / "junk")


def test_a_restored_network_predicts_the_same_bit_by_bit(tmp_path: Path) -> None:
    extra = np.random.default_rng(0).normal(size=(len(MOLS), 3))
    fitted = fit(extra=extra)
    save_file(fitted.tensors(), tmp_path / "w.safetensors")
    (tmp_path / "facts.json").write_text(json.dumps(fitted.to_dict(), allow_nan=False))
    restored = FittedNetwork.restore(load_file(tmp_path / "w.safetensors"), json.loads((tmp_path / "facts.json").read_text()))
    assert np.array_equal(restored.predict(GRAPHS, extra), fitted.predict(GRAPHS, extra))
    assert restored.settings == fitted.settings


def test_weights_of_another_network_are_refused_by_name() -> None:
    fitted = fit()
    facts = {**fitted.to_dict(), "extra": 4}
    with pytest.raises(MolgenError, match="extra_mean"):
        FittedNetwork.restore(fitted.tensors(), facts)


def test_early_stopping_brings_back_the_best_weights() -> None:
    rng = np.random.default_rng(0)
    validation = np.arange(len(MOLS)) % 2 == 0
    settings = SETTINGS.model_copy(update={"epochs": 60, "patience": 4, "schedule": "constant", "learning_rate": 0.02, "dropout": 0.0})
    targets = rng.normal(size=SIZE.shape)  # nothing to learn: what is learned from one half hurts on the other
    fitted = fit(settings, targets=targets, validation=validation)
    losses = [epoch.validation_loss for epoch in fitted.history]
    best = int(np.argmin(losses))  # type: ignore[arg-type]
    assert len(losses) == best + 1 + 4 < 60
    scale = targets[~validation].std()
    error = (fitted.predict(GRAPHS)[validation] - targets[validation]) / scale
    assert (error**2).mean() == pytest.approx(losses[best], rel=1e-3)


def test_without_validation_all_epochs_are_run() -> None:
    fitted = fit(SETTINGS.model_copy(update={"patience": 1}))
    assert len(fitted.history) == 6
    assert all(epoch.validation_loss is None for epoch in fitted.history)


def test_validation_without_labels_is_no_validation() -> None:
    validation = np.arange(len(MOLS)) % 4 == 0
    unlabelled = np.where(validation[:, None], np.nan, SIZE)
    assert same(fit(targets=unlabelled, validation=validation), fit(targets=unlabelled))


def test_a_training_that_diverges_says_so() -> None:
    with pytest.raises(MolgenError, match="diverged in epoch"):
        fit(SETTINGS.model_copy(update={"learning_rate": 1e30, "clip": 1e30, "schedule": "constant"}))


def test_half_precision_trains_too() -> None:
    fitted = fit(precision="bf16-mixed")
    assert np.isfinite(fitted.predict(GRAPHS)).all()
    assert fitted.history[-1].training_loss < fitted.history[0].training_loss


def test_two_processes_train_the_network_of_one() -> None:
    settings = SETTINGS.model_copy(update={"epochs": 2, "dropout": 0.0})
    validation = np.arange(len(MOLS)) % 4 == 0
    one, two = (fit(settings, devices=devices, validation=validation) for devices in (1, 2))
    np.testing.assert_allclose(two.predict(GRAPHS), one.predict(GRAPHS), atol=1e-4)


def test_validation_molecules_teach_nothing() -> None:
    validation = np.arange(len(MOLS)) % 4 == 0
    changed = SIZE.copy()
    changed[validation] *= -50
    one_epoch = SETTINGS.model_copy(update={"epochs": 1})
    assert same(fit(one_epoch, validation=validation), fit(one_epoch, targets=changed, validation=validation))


def test_several_tasks_with_gaps_are_learned_together() -> None:
    rng = np.random.default_rng(0)
    oxygen = np.array([[float("O" in smiles)] for smiles in CHAINS])
    targets = np.concatenate([SIZE, oxygen, -3 * SIZE], axis=1)
    holes = rng.random(targets.shape) < 0.5
    settings = SETTINGS.model_copy(update={"epochs": 80, "dropout": 0.0, "encoder_options": {"readout": "sum"}})
    fitted = fit(settings, targets=np.where(holes, np.nan, targets), kinds=("regression", "classification", "regression"))
    values = fitted.predict(GRAPHS)
    assert ((values[:, 1] >= 0) & (values[:, 1] <= 1)).all()
    assert ((values[:, 1] > 0.5) == (oxygen[:, 0] == 1)).mean() > 0.95
    assert np.corrcoef(values[holes[:, 0], 0], targets[holes[:, 0], 0])[0, 1] > 0.95
    assert np.corrcoef(values[holes[:, 2], 2], targets[holes[:, 2], 2])[0, 1] > 0.95


def test_a_molecule_without_any_label_changes_nothing() -> None:
    more = graphs([*MOLS, Chem.MolFromSmiles("CCCl")])
    assert same(fit(many=more, targets=np.concatenate([SIZE, [[np.nan]]])), fit(many=more.take(range(len(MOLS)))))


def test_a_bound_pulls_only_from_its_wrong_side() -> None:
    settings = SETTINGS.model_copy(update={"epochs": 40, "dropout": 0.0, "encoder_options": {"readout": "sum"}})
    capped = np.minimum(SIZE, 7.0)  # the assay says ">7" for all that are larger
    bounded = fit(settings, targets=capped, relations=(SIZE > 7).astype(float)).predict(GRAPHS)
    plain = fit(settings, targets=capped).predict(GRAPHS)
    large = SIZE[:, 0] > 10
    assert bounded[large].mean() > plain[large].mean() + 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"targets": SIZE[:-1]}, "targets have shape"),
        ({"targets": np.full_like(SIZE, np.inf)}, "infinite"),
        ({"targets": np.full_like(SIZE, np.nan)}, "no molecule with a known target"),
        ({"kinds": ("classification",)}, "other than 0 and 1"),
        ({"extra": np.zeros((3, 2))}, "extra has shape"),
        ({"device": "abacus"}, "abacus"),
        ({"device": "cuda:99"}, "cuda:99"),
    ],
)
def test_requests_that_cannot_be_met_are_refused_at_the_door(change: dict[str, Any], message: str) -> None:
    with pytest.raises(MolgenError, match=message):
        fit(**change)


def test_prediction_asks_for_the_numbers_it_was_trained_with() -> None:
    fitted = fit(extra=np.zeros((len(MOLS), 2)))
    with pytest.raises(MolgenError, match=r"want \(48, 2\)"):
        fitted.predict(GRAPHS)


def test_values_of_any_size_are_learned_alike() -> None:
    one, other = (fit(targets=SIZE * unit).predict(GRAPHS)[:, 0] / unit for unit in (1.0, 1e-13))
    assert np.allclose(one, other, atol=1e-2 * SIZE.std())
