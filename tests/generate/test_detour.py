"""Detours: a search that is stuck looks where nothing is like its best, and comes back."""

import numpy as np
from rdkit import Chem

from molgen.features.traits import Traits
from molgen.generate.detour import _PATIENCE, Detours

SERIES = [f"{'C' * n}Oc1ccc(-c2ccc(C(=O)NC3CC3)cc2)cc1" for n in range(1, 13)]
OTHER = ["CN1CCC(O)CC1", "O=C(O)c1ccncc1"]


def of(smiles):
    return [Chem.MolFromSmiles(text) for text in smiles]


def idle(detours, n, score=0.0):
    """Told so many bad scores; whether it turned."""
    return detours.tell({f"C{'C' * i}O": score for i in range(n)})


def stuck():
    detours = Detours()
    assert not detours.tell(dict.fromkeys(SERIES, 0.5))
    return detours


def test_all_is_open_until_it_is_stuck():
    detours = stuck()
    assert not idle(detours, _PATIENCE - 1)
    assert detours.open(Traits.of(of(SERIES + OTHER))).all()
    assert detours.open_mols(of(SERIES)).all()


def test_stuck_it_keeps_away_from_its_best_and_later_comes_back():
    detours = stuck()
    assert idle(detours, _PATIENCE)
    assert detours.open_mols(of(SERIES + OTHER)).tolist() == [False] * len(SERIES) + [True] * len(OTHER)
    assert detours.open(Traits.of(of(OTHER))).all()
    assert not idle(detours, 20, score=0.1)  # a height of its own
    assert idle(detours, _PATIENCE, score=0.1)
    assert detours.open_mols(of(SERIES + OTHER)).all()
    assert not idle(detours, 20)
    assert idle(detours, _PATIENCE)
    assert not detours.open_mols(of(SERIES)).any()


def test_what_grows_is_not_stuck():
    detours = stuck()
    for step in range(5):
        assert not idle(detours, _PATIENCE // 2)
        assert not detours.tell({f"{text}.{step}": 0.6 + step / 10 for text in SERIES})


def test_flat_ground_is_no_height():
    assert not idle(Detours(), 3 * _PATIENCE)


def test_a_height_is_the_mean_of_ten():
    detours = stuck()
    idle(detours, _PATIENCE - 10)
    assert detours.tell({f"N{'C' * i}": score for i, score in enumerate(np.linspace(0.0, 0.49, 10))})
