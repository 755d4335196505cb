"""How usual a molecule is, by a language model."""

import numpy as np
import pytest

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.score.likelihood import Likelihood
from tests.nn.taught import taught


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    file = tmp_path_factory.mktemp("language") / "taught.safetensors"
    taught().save(file)
    return str(file)


def test_molecules_are_likelier_than_their_letters_at_random(model):
    term = Likelihood(model=model)
    usual, odd, bad, again = term.read(Library.of(["CC(=O)Nc1ccc(O)cc1", "OC1=CN=C1C#CN=NOCC=O", "C1CC", "Oc1ccc(NC(C)=O)cc1"])).mean
    assert 0 > usual > odd + 0.2 and np.isnan(bad) and again == usual


def test_models_and_styles_are_told_apart(model):
    assert Likelihood(model=model).about != Likelihood(model=model, style="lead").about
    with pytest.raises(MolgenError, match="no style"):
        Likelihood(model=model, style="poem")
    with pytest.raises(MolgenError, match="no language model here"):
        Likelihood(model="nowhere")
