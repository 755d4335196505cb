"""The bridge to DeepChem, against DeepChem 2.8 itself: nothing crosses it unseen, nothing is left changed behind it."""

import subprocess
import sys

import numpy as np
import pytest
from rdkit import Chem
from rdkit.ML.Scoring.Scoring import CalcBEDROC
from sklearn import metrics as sk

from molgen.base.errors import MissingExtra, MolgenError
from molgen.data import splits
from molgen.data.library import Library
from molgen.data.splits import PARTS
from molgen.features.descriptor import Descriptors
from molgen.features.fingerprint import Fingerprint
from molgen.interop import deepchem as bridge
from molgen.interop.guest import deepchem as guest

SMILES = [
    "CCO", "OCC", "c1ccccc1", "Cc1cccnc1", "CCN(C)C", "C1CC", "O=C(O)c1ccccc1", "NC1CCCCC1", "CCCl", "c1ccc2ccccc2c1",
    "CC(=O)Nc1ccc(O)cc1", "CN1CCC[C@H]1c1cccnc1", "CCCCCC", "OC1CCCC1", "[Na+].CC(=O)[O-]",
]  # fmt: skip
MEASURED = ["1.0", "1.1", "", ">3", "0.5", "7", "2", "n/a", "0.1", "3.3", "4", "x", "6", "2.5", "9"]


@pytest.fixture(scope="module")
def dc():
    with guest() as deepchem:
        return deepchem


@pytest.fixture
def library():
    return Library.of(SMILES, columns={"logS": MEASURED, "active": [str(i % 2) for i in range(len(SMILES))]})


def test_rows_arrays_and_weights_are_the_librarys(dc, library):
    dataset = bridge.to_deepchem(library, ["logS"])
    rows = np.flatnonzero(library.ok)
    assert isinstance(dataset, dc.data.NumpyDataset)
    assert dataset.ids.tolist() == [library.smiles[row] for row in rows] and dataset.X.dtype == np.float32
    expected = Fingerprint()([Chem.MolFromSmiles(smiles) for smiles in dataset.ids])
    assert (expected == dataset.X).all()
    # Blank, a bound, n/a and a word carry no weight; the ring that never closes is not there.
    assert dataset.w[:, 0].tolist() == [1, 1, 0, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1]
    assert dataset.y[dataset.w == 1].tolist() == [1.0, 1.1, 0.5, 2, 0.1, 3.3, 4, 6, 2.5, 9]


def test_rows_in_names_the_rows_that_went(library):
    assert bridge.rows_in(library, bridge.to_deepchem(library)).tolist() == library.ok.tolist()


def test_any_featurizer_of_ours_fills_x(library):
    dataset = bridge.to_deepchem(library, ["logS"], featurizer=Descriptors())
    assert dataset.X.shape == (14, Descriptors().width)


def test_deepchems_own_featurizers_are_asked_by_name(dc, library):
    dataset = bridge.to_deepchem(library, featurizer="CircularFingerprint")
    assert (dc.feat.CircularFingerprint().featurize(list(dataset.ids)) == dataset.X).all()
    graphs = bridge.to_deepchem(library, featurizer="ConvMolFeaturizer")
    assert [graph.get_num_atoms() for graph in graphs.X] == [Chem.MolFromSmiles(smiles).GetNumAtoms() for smiles in graphs.ids]


def test_a_molecule_deepchem_cannot_describe_is_left_out_and_named():
    # A lone atom has no bond, and DeepChem's graph of it no edge: it gives an empty row for it.
    library = Library.of(["CCO", "C", "CCN", "C"])
    dataset = bridge.to_deepchem(library, featurizer="MolGraphConvFeaturizer")
    assert dataset.ids.tolist() == ["CCO", "CCN"]
    assert bridge.rows_in(library, dataset).tolist() == [True, False, True, False]


def test_a_dataset_there_and_back_is_the_same(library):
    there = bridge.to_deepchem(library, ["logS", "active"])
    back = bridge.from_deepchem(there, targets=["logS", "active"])
    again = bridge.to_deepchem(back, ["logS", "active"])
    for one, other in ((there.X, again.X), (there.y, again.y), (there.w, again.w), (there.ids, again.ids)):
        assert np.array_equal(one, other)


def test_a_dataset_with_smiles_of_its_own_keeps_its_ids(dc):
    dataset = dc.data.NumpyDataset(np.zeros((3, 1)), y=np.array([1.0, 2.0, 3.0]), w=np.array([1.0, 0.0, 1.0]), ids=["a", "b", "c"])
    library = bridge.from_deepchem(dataset, ["CCO", "CCN", "c1cc"])
    assert library.ids == ("a", "b", "c") and library.ok.tolist() == [True, True, False]
    assert np.array_equal(library.rows.columns["y_1"].astype(float), [1.0, np.nan, 3.0], equal_nan=True)


@pytest.mark.parametrize("method", bridge._SPLITTERS)
def test_every_splitter_gives_each_row_one_part(library, method):
    parts = bridge.split(library, method, fractions=(0.5, 0.25, 0.25), seed=3, column="active")
    assert (parts != "").tolist() == library.ok.tolist()
    assert parts[0] == parts[1]  # ethanol, twice
    assert set(parts[library.ok]) <= set(PARTS) and (parts == "train").sum() >= 4
    assert (parts == bridge.split(library, method, fractions=(0.5, 0.25, 0.25), seed=3, column="active")).all()


def test_the_scaffold_split_is_deepchems(dc, library):
    parts = bridge.split(library, "ScaffoldSplitter")
    distinct = library.distinct()
    dataset = dc.data.NumpyDataset(np.zeros((len(distinct), 1)), ids=distinct.smiles)
    train, valid, test = dc.splits.ScaffoldSplitter().train_valid_test_split(dataset)
    for part, expected in zip(PARTS, (train, valid, test)):
        assert {library.smiles[row] for row in np.flatnonzero(parts == part)} == set(expected.ids)


def test_options_reach_the_splitter(library):
    assert set(bridge.split(library, "ButinaSplitter", options={"cutoff": 0.1})) <= {"", *PARTS}
    with pytest.raises(MolgenError, match="ButinaSplitter"):
        bridge.split(library, "ButinaSplitter", options={"cut": 0.1})


def test_metrics_agree_with_an_independent_source():
    rng = np.random.default_rng(0)
    truth, said = rng.normal(size=40), rng.normal(size=40)
    classes, chance = (truth > 0).astype(float), rng.uniform(size=40)
    expected = {
        "rms_score": np.sqrt(((truth - said) ** 2).mean()),
        "mae_score": np.abs(truth - said).mean(),
        "pearson_r2_score": np.corrcoef(truth, said)[0, 1] ** 2,
        "r2_score": sk.r2_score(truth, said),
    }
    for name, value in expected.items():
        assert bridge.metric(name)(truth, said) == pytest.approx(value)
    precision, recall, _ = sk.precision_recall_curve(classes, chance)
    decided = chance > 0.5
    expected = {
        "roc_auc_score": sk.roc_auc_score(classes, chance),
        "prc_auc_score": sk.auc(recall, precision),
        "accuracy_score": (decided == classes).mean(),
        "precision_score": classes[decided].mean(),
        "matthews_corrcoef": np.corrcoef(classes, decided)[0, 1],
    }
    for name, value in expected.items():
        assert bridge.metric(name)(classes, chance) == pytest.approx(value)


@pytest.mark.parametrize("name", bridge._VALUES + bridge._CLASSES + bridge._PAIRS)
def test_every_metric_leaves_out_what_was_not_measured(name):
    truth, said = np.array([0.0, 1, 1, 0, 1, 0]), np.array([0.2, 0.7, 0.2, 0.3, 0.9, 0.8])
    measure = bridge.metric(name)
    assert np.isfinite(measure(truth, said))
    assert measure(np.append(truth, np.nan), np.append(said, 0.9)) == measure(truth, said)


def test_probabilities_of_two_values_are_not_taken_for_classes():
    # DeepChem's own Metric reads a column of two distinct numbers as labels.
    truth, said = np.array([0.0, 0, 1, 1]), np.array([0.2, 0.2, 0.2, 0.4])
    assert bridge.metric("roc_auc_score")(truth, said) == 0.75
    assert bridge.metric("recall_score")(truth, said) == 0.0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda library: bridge.to_deepchem(library, ["logP"]), "no column 'logP'"),
        (lambda library: bridge.to_deepchem(library, featurizer="Circular"), "no featurizer of molecules called 'Circular'"),
        (lambda library: bridge.to_deepchem(library.take([5])), "no molecule to hand to DeepChem"),
        (lambda library: bridge.to_deepchem(library, featurizer="MordredDescriptors"), "MordredDescriptors"),
        (lambda library: bridge.split(library, "scaffold"), "no splitter is called 'scaffold'"),
        (lambda library: bridge.split(library, fractions=(0.8, 0.1, 0.2)), "fractions sum to 1.1"),
        (lambda library: bridge.split(library, "RandomStratifiedSplitter"), "needs a column"),
        (lambda library: bridge.metric("rmse"), "no DeepChem metric is called 'rmse'"),
        (lambda library: bridge.metric("rms_score")(np.zeros(2), np.zeros(3)), r"\(2,\) true values and \(3,\) said"),
        (lambda library: bridge.from_deepchem(bridge.to_deepchem(library), ["C"]), "1 SMILES for a dataset of 14"),
    ],
)
def test_a_wrong_request_says_what_is_wrong(library, call, says):
    with pytest.raises(MolgenError, match=says):
        call(library)


def test_global_chance_is_left_as_it_was(library):
    np.random.seed(5)
    before = np.random.random()
    np.random.seed(5)
    bridge.split(library, "RandomSplitter", seed=11)
    assert np.random.random() == before


def test_importing_it_loads_no_deepchem_and_using_it_says_nothing():
    code = (
        "import sys, molgen.interop.deepchem as bridge; assert 'deepchem' not in sys.modules; "
        "from molgen.data.library import Library; "
        "bridge.split(Library.of(['CCO', 'CCN', 'c1ccccc1']), 'FingerprintSplitter', fractions=(0.4, 0.3, 0.3)); print('done')"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("done\n", "")


def test_an_absent_deepchem_is_named(monkeypatch, library):
    for name in [name for name in sys.modules if name.partition(".")[0] == "deepchem"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [_Absent(), *sys.meta_path])
    with pytest.raises(MissingExtra, match="deepchem is not installed"):
        bridge.metric("rms_score")


class _Absent:
    def find_spec(self, name, path=None, target=None):
        if name == "deepchem":
            raise ModuleNotFoundError("no deepchem", name="deepchem")


def test_a_splitter_is_reachable_wherever_a_split_is_asked_for():
    library = Library.of([f"{'C' * n}O" for n in range(1, 31)])
    parts = splits.split(library, "deepchem:RandomSplitter", seed=3)
    assert {part: int((parts == part).sum()) for part in ("train", "valid", "test")} == {"train": 24, "valid": 3, "test": 3}
    with pytest.raises(MolgenError, match="no splitter is called 'deepchm'"):
        splits.split(library, "deepchm:RandomSplitter")


def test_early_recognition_is_that_of_an_independent_source():
    rng = np.random.default_rng(0)
    truth = (rng.random(200) < 0.2).astype(float)
    for said in (0.5 * truth + 0.25 + 0.01 * rng.random(200), rng.random(200), 0.7 - 0.5 * truth + 0.01 * rng.random(200)):
        ranked = [[truth[i]] for i in np.argsort(-said)]
        assert bridge.metric("bedroc_score")(truth, said) == pytest.approx(CalcBEDROC(ranked, 0, 20.0))


def test_what_was_not_predicted_is_not_judged():
    truth, said = np.array([1.0, 1, 0, 0, np.nan]), np.array([0.9, np.nan, 0.1, 0.2, np.nan])
    for name in ("accuracy_score", "roc_auc_score", "matthews_corrcoef"):
        with pytest.raises(MolgenError, match="1 molecules have a truth and no prediction"):
            bridge.metric(name)(truth, said)
    with pytest.raises(MolgenError, match="no molecule has a truth"):
        bridge.metric("rms_score")(np.array([np.nan]), np.array([1.0]))
