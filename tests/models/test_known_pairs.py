"""The measured pair most like one that is asked about, against looking at all of them one by one."""

import numpy as np
import pytest
from rdkit.Chem import rdFingerprintGenerator
from rdkit.DataStructs import TanimotoSimilarity

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.data.partners import Partners
from molgen.data.profiles import Profiles
from molgen.data.proteins import Proteins
from molgen.models.predictor import Predictor
from molgen.models.recipe import RecipeConfig
from molgen.models.train import train
from tests.models.conftest import PROTEINS, TINY_PAIR_KERNEL, pairs

KNOWN = Proteins.of(list(PROTEINS.values())).called(list(PROTEINS))
RECIPE = RecipeConfig(predictor="pair_kernel", options=TINY_PAIR_KERNEL, folds=3)


@pytest.fixture(scope="module")
def sparse():
    """A model of a fifth of the pairs, none of them with CCC1; and those pairs."""
    library = pairs()
    with_it = np.array(library.cells("protein")) != "CCC1"
    some = library.take(np.flatnonzero(with_it & (np.random.default_rng(1).random(len(library)) < 0.2)))
    return train(some, "affinity", recipe=RECIPE, split="none"), some


def likenesses(model, measured, asked):
    """[asked, measured], of the molecules and of the partners."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    one, other = ([generator.GetFingerprint(mol) for mol in library.mols] for library in (asked, measured))
    molecules = np.array([[TanimotoSimilarity(a, b) for b in other] for a in one])
    names = model.model.known_partners.names
    alike = model.model.alike(asked.partners)[asked.partners.of_row]
    return molecules, alike[:, [names.index(name) for name in measured.cells("protein")]]


@pytest.mark.parametrize("most", [1, 4])
def test_the_most_alike_is_found(sparse, most):
    model, measured = sparse
    asked = pairs().take(np.arange(0, 300, 7))
    near = model.predict(asked).pairs.near(most)
    molecules, partners = likenesses(model, measured, asked)
    score = molecules * partners
    for row in range(len(asked)):
        best = np.sort([score[row, [m == one for m in measured.smiles]].max() for one in dict.fromkeys(measured.smiles)])[::-1][:most]
        assert near.similarity[row] * near.closeness[row] == pytest.approx(np.where(best > 0, best, np.nan), abs=1e-6, nan_ok=True)


def test_a_pair_that_was_measured_is_its_own_nearest(sparse):
    model, measured = sparse
    said = model.predict(measured)
    assert said.nearest_pair_smiles[:, 0].tolist() == measured.smiles
    assert said.nearest_pair_partner[:, 0].tolist() == measured.cells("protein")
    assert said.nearest_pair_value[:, 0] == pytest.approx([float(value) for value in measured.cells("affinity")])
    assert (said.nearest_pair_similarity == 1).all() and (said.nearest_pair_partner_similarity == 1).all()


def test_a_table_shows_it_where_a_row_has_one_answer(sparse):
    model, _ = sparse
    ours = [f"molgen_nearest_pair_{name}" for name in ("id", "smiles", "partner", "similarity", "partner_similarity", "value")]
    asked = Library.of(["Cc1ccccc1", "C1CC", "CCO"]).paired_with(KNOWN, [0, 1, 4])
    table = model.predict(asked).to_frame()
    assert [name for name in table if "nearest_pair" in name] == ours
    assert table.loc[1, ours[:3]].tolist() == [""] * 3 and table.loc[1, ours[3:]].isna().all()
    assert table["molgen_nearest_pair_partner"][0] in ("AAA1", "AAA2")
    one, several = (model.against_named(names).predict(["Cc1ccccc1"]) for names in (["AAA1"], ["AAA1", "BBB1"]))
    assert one.to_frame()["molgen_nearest_pair_value"].tolist() == table["molgen_nearest_pair_value"].tolist()[:1]
    assert not [name for name in several.to_frame() if "nearest_pair" in name]
    assert several.nearest_pair_value[:, 0] == one.nearest_pair_value[:, 0]
    only = model.against_named(["AAA1", "BBB1"]).only("affinity_BBB1").predict(["Cc1ccccc1"])
    assert only.nearest_pair_partner[0, 0] == several.nearest_pair_partner[0, 1] in ("BBB1", "BBB2")


def test_what_has_nothing_in_common_is_near_no_pair(sparse):
    said = sparse[0].predict(Library.of(["[Xe]"]).paired_with(KNOWN, [0]))
    assert said.nearest_pair_id.tolist() == [[""]] and np.isnan(said.nearest_pair_value).all()


def test_pairs_are_kept_with_the_model_and_not_passed_on(sparse, tmp_path):
    model, measured = sparse
    again, shipped = (Predictor.load(one.save(tmp_path / name)) for name, one in (("own", model), ("light", model.to_ship())))
    one, other = (one.predict(measured).to_frame() for one in (model, again))
    assert one.equals(other) and "molgen_nearest_pair_value" in one
    assert shipped.known_pairs is None and not [name for name in shipped.predict(measured).to_frame() if "nearest" in name]
    assert not list((tmp_path / "light").rglob("measured*"))
    path = tmp_path / "own" / "model" / "measured.safetensors"
    (tmp_path / "light" / "model" / path.name).write_bytes(path.read_bytes())  # which its manifest does not list
    assert Predictor.load(tmp_path / "light").known_pairs is None
    path.write_bytes(path.read_bytes()[:-8] + b"\0" * 8)
    with pytest.raises(MolgenError, match="its digest is not"):
        Predictor.load(tmp_path / "own")


def test_models_of_molecules_keep_no_pairs(fitted):
    assert fitted("kernel").known_pairs is None and fitted("kernel").predict(["CCO"]).pairs is None
    assert np.isnan(fitted("kernel").predict(["CCO"]).nearest_pair_value).all()


def test_cell_lines_are_as_near_as_their_profiles():
    table = pairs().rows.columns
    numbers = np.random.default_rng(0).normal(size=(5, 12))
    numbers[1] = numbers[0] + 0.05
    lines = Profiles.of(list(PROTEINS), numbers, [f"gene{i}" for i in range(12)])
    place = {name: i for i, name in enumerate(PROTEINS)}
    with_line = (table["protein"] != "AAA1").to_numpy()
    rows = np.flatnonzero(with_line)
    library = Library.from_frame(table).take(rows).paired_with(lines, [place[name] for name in table["protein"][with_line]])
    model = train(library, "affinity", recipe=RECIPE, split="none")
    said = model.predict(Library.of(["Cc1ccccc1"]).paired_with(lines, [0]))
    assert said.nearest_pair_partner[0, 0] == "AAA2" and said.nearest_pair_similarity[0, 0] == 1.0
    assert said.nearest_pair_partner_similarity[0, 0] == model.model.closeness(Partners(lines, np.arange(5)))[0] < 1.0
