"""Models of your own as a term: what they are handed, what is taken from them, what is refused."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import molgen as mg
from molgen.base.errors import MolgenError
from molgen.features.descriptor import Descriptors
from molgen.score.function import Function

SMILES = ["CCO", "CCCC", "CCN", "c1ccccc1", "CCOC", "CC(=O)O"]
LIBRARY = mg.Library.of([*SMILES, "C1CC"])
VALUES = np.arange(6.0)


def morgan(smiles, size=2048):
    """As RDKit's own users have it."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=size)
    return np.array([generator.GetFingerprintAsNumPy(Chem.MolFromSmiles(text)) for text in smiles])


@pytest.mark.parametrize("size", [1024, 2048])
def test_a_regressor_is_handed_the_bits_it_was_taught(size):
    forest = RandomForestRegressor(10, random_state=0).fit(morgan(SMILES, size), VALUES)
    said = Function(call=forest).read(LIBRARY).mean
    assert said[:6] == pytest.approx(forest.predict(morgan(SMILES, size)))
    assert np.isnan(said[6])


@pytest.mark.parametrize("handed_over", ["model", "predict", "predict_proba"])
def test_of_two_classes_the_chance_of_the_second_is_taken(handed_over):
    forest = RandomForestClassifier(10, random_state=0).fit(morgan(SMILES), VALUES > 2)
    call = forest if handed_over == "model" else getattr(forest, handed_over)
    assert Function(call=call).read(LIBRARY).mean[:6] == pytest.approx(forest.predict_proba(morgan(SMILES))[:, 1])


def test_a_pipeline_may_begin_with_smiles():
    pipeline = make_pipeline(FunctionTransformer(morgan), Ridge()).fit(SMILES, VALUES)
    assert Function(call=pipeline, features="smiles").read(LIBRARY).mean[:6] == pytest.approx(pipeline.predict(SMILES))


def test_features_may_be_a_name_a_featurizer_or_a_function():
    descriptors = Descriptors(set="full")
    model = Ridge().fit(np.nan_to_num(descriptors(LIBRARY.mols[:6])), VALUES)
    named, given = (Function(call=model, features=features).read(LIBRARY).mean for features in ("descriptors", descriptors))
    assert np.array_equal(named, given, equal_nan=True)
    lengths = Ridge().fit([[len(text)] for text in SMILES], VALUES)
    own = Function(call=lengths, features=lambda smiles: [[len(text)] for text in smiles])
    assert own.read(LIBRARY).mean[:6] == pytest.approx(lengths.predict([[len(text)] for text in SMILES]))


def test_a_model_has_a_name_and_is_known_by_what_it_is_and_is_handed():
    one, same = (Function(call=Ridge().fit(morgan(SMILES), VALUES)) for _ in range(2))
    other, otherwise = Function(call=Ridge().fit(morgan(SMILES), -VALUES)), Function(call=one._say.__self__, features="fcfp4")
    assert one.name == "Ridge"
    assert one.about == same.about
    assert len({one.about, other.about, otherwise.about}) == 3


def test_a_function_of_features_is_one_too():
    bits = Function(call=lambda rows: rows.sum(axis=1), features="ecfp4", name="bits")
    assert bits.read(LIBRARY).mean[:6] == pytest.approx(morgan(SMILES).sum(axis=1))


class Own:
    """Somebody's class, which knows nothing of rows of numbers."""

    def predict(self, smiles):
        return [float(len(text)) for text in smiles]

    def potency(self, smiles):
        return [2.0 * len(text) for text in smiles]


def test_what_is_not_of_scikit_learns_kind_is_handed_smiles():
    lengths = np.array([float(len(text)) for text in SMILES])
    assert Function(call=Own().potency).read(LIBRARY).mean[:6] == pytest.approx(2 * lengths)
    assert Function(call=Own().predict).read(LIBRARY).mean[:6] == pytest.approx(lengths)
    assert Function(call=Own()).read(LIBRARY).mean[:6] == pytest.approx(lengths)


def test_another_method_of_a_model_is_not_taken_for_its_prediction():
    class Chained(Ridge):
        def lengths(self, smiles):
            return [float(len(text)) for text in smiles]

    model = Chained().fit(morgan(SMILES), VALUES)
    assert Function(call=model.lengths).read(LIBRARY).mean[0] == 3.0


@pytest.mark.parametrize("model", [Ridge(), make_pipeline(StandardScaler(), Ridge())])
def test_a_model_that_was_not_fitted_is_refused_at_once(model):
    with pytest.raises(MolgenError, match="has not been fitted"):
        Function(call=model)
    assert Function(call=model.fit(morgan(SMILES), VALUES)).read(LIBRARY).mean.shape == (len(LIBRARY),)


def test_what_keeps_what_it_learned_under_names_of_its_own_is_fitted():
    class Private(BaseEstimator):
        def __init__(self, scale=1.0):
            self.scale = scale

        def fit(self, rows, values):
            self.mean = float(np.mean(values))
            return self

        def predict(self, rows):
            return np.full(len(rows), self.mean * self.scale)

    assert Function(call=Private().fit(morgan(SMILES), VALUES)).read(LIBRARY).mean[0] == 2.5
    with pytest.raises(MolgenError, match="has not been fitted"):
        Function(call=Private())


def test_a_booster_that_wants_rows_says_so():
    class Booster:
        def predict(self, rows):
            if np.asarray(rows).ndim != 2:
                raise ValueError("Input numpy.ndarray or list must be 2 dimensional")
            return np.asarray(rows).sum(axis=1)

    with pytest.raises(MolgenError, match="does not take SMILES") as error:
        Function(call=Booster()).read(LIBRARY)
    assert "ecfp4" in str(error.value)
    assert Function(call=Booster(), features="ecfp4").read(LIBRARY).mean[:6] == pytest.approx(morgan(SMILES).sum(axis=1))


def test_a_model_that_was_never_made_is_refused():
    with pytest.raises(MolgenError, match="or a fitted model"):
        Function(call=Ridge)


def test_a_lambda_without_a_name_is_a_function():
    assert Function(call=lambda smiles: [1.0] * len(smiles)).name == "function"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"call": Ridge().fit(np.eye(6, 200), VALUES)}, "taught 200 columns, Fingerprint.* gives 2048"),
        ({"call": Ridge().fit(np.eye(6, 2048), VALUES), "features": "morgan"}, "no features are called 'morgan'"),
        ({"call": Ridge().fit(np.eye(6, 2048), VALUES), "features": 3}, "features is 3, want text or"),
    ],
)
def test_what_can_not_be_is_refused_before_anything_is_scored(options, said):
    with pytest.raises(MolgenError, match=said):
        mg.Objective.of([{"term": "function", **options}])
