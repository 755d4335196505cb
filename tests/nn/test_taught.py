"""Networks that begin from an encoder which was taught before."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rdkit import Chem
from rdkit.Chem.Descriptors import MolWt, NumHAcceptors

from molgen.base.errors import MolgenError
from molgen.data.catalogue import load_rows
from molgen.features.graph import graphs
from molgen.nn.batch import GraphBatch
from molgen.nn.fit import FittedNetwork, NetworkSettings, fit_network
from molgen.nn.network import Network
from molgen.nn.taught import read_encoder, taught, write_encoder

MOLS = [Chem.MolFromSmiles(f"{'C' * n}{tail}") for n in range(1, 13) for tail in ("", "O", "N", "F")]
GRAPHS = graphs(MOLS)
SIZE = np.array([[float(mol.GetNumAtoms())] for mol in MOLS])
SETTINGS = NetworkSettings(width=16, head_width=16, epochs=4, batch_size=8, encoder_options={"readout": "sum"})


def fit(settings: NetworkSettings, **options: Any) -> FittedNetwork:
    return fit_network(settings, GRAPHS, None, SIZE, **{"kinds": ("regression",), "seed": 0, "device": "cpu", **options})


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("encoder") / "mine.safetensors"
    write_encoder(path, fit(SETTINGS))
    return path


def begun(file: Path, **changes: Any) -> NetworkSettings:
    return SETTINGS.model_copy(update={"start": str(file), **changes})


def test_training_begins_at_the_weights_of_the_file(file: Path) -> None:
    resting = begun(file, learning_rate=1e-12, weight_decay=0.0, epochs=1)
    fitted, given = fit(resting).network.encoder.state_dict(), read_encoder(resting)
    assert fitted.keys() == given.keys()
    for name, tensor in given.items():
        torch.testing.assert_close(fitted[name], tensor, atol=1e-8, rtol=0)


def test_a_saved_network_does_not_ask_for_the_file_again(file: Path, tmp_path: Path) -> None:
    moved = tmp_path / "encoder.safetensors"
    moved.write_bytes(file.read_bytes())
    fitted = fit(begun(moved))
    moved.unlink()
    again = FittedNetwork.restore(fitted.tensors(), fitted.to_dict())
    assert np.array_equal(again.predict(GRAPHS), fitted.predict(GRAPHS))


def test_a_training_from_another_start_is_not_gone_on_with(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "mine.safetensors"
    write_encoder(other, fit(SETTINGS, seed=5))
    checkpoint = tmp_path / "checkpoint.safetensors"
    fit(begun(file), checkpoint=checkpoint)
    with pytest.raises(MolgenError, match="other molecules"):
        fit(begun(other), checkpoint=checkpoint)


@pytest.mark.parametrize("changes", [{"width": 17}, {"encoder": "gine"}, {"encoder_options": {"readout": "mean"}}])
def test_an_encoder_of_another_make_is_refused_with_both_makes(file: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(MolgenError, match="the network wants"):
        fit(begun(file, **changes))


def test_an_unknown_name_lists_ours() -> None:
    with pytest.raises(MolgenError, match="dmpnn-2000") as caught:
        fit(begun(Path("dmpnn-2000")))
    assert "dmpnn-200" in (caught.value.fix or "")


def test_what_is_no_encoder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.safetensors").write_text("not weights")
    with pytest.raises(MolgenError, match="not a checkpoint"):
        fit(begun(tmp_path / "text.safetensors"))


@pytest.mark.parametrize("name", taught())
def test_ours_know_of_a_drug_what_chance_does_not(name: str) -> None:
    """A straight line from the encoding to a descriptor, judged on drugs the line was not fitted on."""
    mols = [mol for text in load_rows("chembl_drugs").raw[:600] if (mol := Chem.MolFromSmiles(text)) and 8 < mol.GetNumHeavyAtoms() < 60]
    settings = NetworkSettings(width=200, dropout=0.0, encoder_options={"readout": "sum", "depth": 4}, start=name)
    batch = GraphBatch.of(graphs(mols))

    def explained(begin: dict[str, torch.Tensor] | None, values: np.ndarray) -> float:
        torch.manual_seed(0)
        network = Network(settings, tasks=1).eval()
        if begin is not None:
            network.encoder.load_state_dict(begin)
        with torch.inference_mode():
            encoded = network.encoder(batch).double().numpy()
        encoded = np.hstack([(encoded - encoded.mean(0)) / (encoded.std(0) + 1e-9), np.ones((len(mols), 1))])
        half = np.arange(len(mols)) % 2 == 0
        normal = encoded[half].T @ encoded[half] + np.eye(encoded.shape[1])
        said = encoded[~half] @ np.linalg.solve(normal, encoded[half].T @ values[half])
        return 1 - float(((said - values[~half]) ** 2).mean() / values[~half].var())

    for describe in (MolWt, NumHAcceptors):
        values = np.array([float(describe(mol)) for mol in mols])
        assert explained(read_encoder(settings), values) > max(0.9, explained(None, values))
