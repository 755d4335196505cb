"""MoleculeNet from a folder at hand: every row comes back, those DeepChem drops among them."""

import gzip
import socket

import numpy as np
import pandas as pd
import pytest

from molgen.base.errors import MolgenError
from molgen.data.catalogue import benchmark_folder
from molgen.data.labels import labels
from molgen.interop.deepchem import moleculenet
from molgen.interop.guest import deepchem as guest

TASK = "measured log solubility in mols per litre"
ROWS = [
    ("CCO", 1.1), ("C1CC", -2.0), ("c1ccccc1", -1.64), ("", 0.5), ("CC(C)(C)(C)C", 0.1), ("OCC", 1.0), ("CCCCCC", -3.84),
    ("\u0421CO", 1.0),
]  # fmt: skip


def written(folder, rows):
    """The file as DeepChem's server has it."""
    table = pd.DataFrame(rows, columns=["smiles", TASK])
    table.insert(0, "Compound ID", [f"c{i}" for i in range(len(table))])
    table.to_csv(folder / "delaney-processed.csv", index=False)
    return folder


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_every_row_is_there_and_the_bad_ones_say_why(tmp_path):
    library = moleculenet("delaney", written(tmp_path, ROWS))
    assert list(library.rows.raw) == [smiles for smiles, _ in ROWS]
    assert [reject.row for reject in library.rejects] == [1, 3, 4, 7]
    assert all(reject.reason for reject in library.rejects)
    assert labels(library, TASK).values.tolist() == [value for _, value in ROWS]


def test_deepchem_itself_drops_what_we_keep(tmp_path):
    """The reason for the bridge: the loader alone says nothing of the rows it leaves out."""
    with guest() as dc:
        _, (alone,), _ = dc.molnet.load_delaney(
            splitter=None, transformers=[], reload=False, data_dir=str(written(tmp_path, ROWS)), save_dir=str(tmp_path)
        )
    assert len(alone) < len(moleculenet("delaney", tmp_path)) == len(ROWS)


def test_a_missing_label_is_missing_not_zero(tmp_path):
    tasks = ["NR-AR", "NR-AR-LBD", "NR-AhR", "NR-Aromatase", "NR-ER", "NR-ER-LBD", "NR-PPAR-gamma"]
    tasks += ["SR-ARE", "SR-ATAD5", "SR-HSE", "SR-MMP", "SR-p53"]
    with gzip.open(tmp_path / "tox21.csv.gz", "wt", encoding="utf-8") as file:
        pd.DataFrame({"smiles": ["CCO", "CCN"], "mol_id": ["a", "b"], **{task: [1, None] for task in tasks}}).to_csv(file, index=False)
    library = moleculenet("tox21", tmp_path)
    assert [name for name in library.rows.columns.columns if name != "smiles"] == tasks
    assert np.array_equal(labels(library, "SR-p53").values, [1.0, np.nan], equal_nan=True)


def test_nothing_is_written_into_the_folder(tmp_path):
    moleculenet("delaney", written(tmp_path, ROWS))
    assert [path.name for path in tmp_path.iterdir()] == ["delaney-processed.csv"]


def test_a_file_that_is_not_there_is_named_not_fetched(tmp_path):
    with pytest.raises(MolgenError, match=r"no delaney-processed\.csv here") as error:
        moleculenet("delaney", tmp_path)
    assert error.value.fix.startswith("fetch https://")


def test_an_unknown_name_lists_the_known_ones(tmp_path):
    with pytest.raises(MolgenError, match="'esol'") as error:
        moleculenet("esol", tmp_path)
    assert "delaney" in error.value.fix and "bbbc001" not in error.value.fix


def test_the_real_esol_comes_through_whole(tmp_path):
    folder = benchmark_folder()
    if folder is None:
        pytest.skip("no benchmark folder (MOLGEN_DATA): the real ESOL is not tried")
    table = pd.read_csv(folder / "moleculenet" / "esol.csv.gz")
    library = moleculenet("delaney", written(tmp_path, list(zip(table["smiles"], table["logSolubility"]))))
    assert len(library) == len(table) == 1128 and not library.rejects
    assert np.allclose(labels(library, TASK).values, table["logSolubility"])
