"""The campaign's hidden check: nothing that is to be found is shown before, and what came back is counted right."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from molgen.chem.scaffold import scaffold
from molgen.data.catalogue import load
from molgen.data.labels import labels
from molgen.data.library import Library

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import rediscovery
from rediscovery_table import table

BENZENE, PYRIDINE, FURAN = "c1ccccc1", "c1ccncc1", "c1ccoc1"


@pytest.fixture(scope="module")
def division():
    return rediscovery.divided(load("jak2_ki"), load("jak1_ki"))


def frameworks(library):
    return {scaffold(mol) for mol in library.mols}


def test_no_molecule_to_be_found_is_learned_from(division):
    held = {*division.potent.inchikeys, *division.weak.inchikeys}
    assert not held & {*division.jak2.inchikeys, *division.jak1.inchikeys}


def test_no_scaffold_to_be_found_is_learned_from(division):
    assert not frameworks(division.potent) & (frameworks(division.jak2) | frameworks(division.jak1))
    assert frameworks(division.weak) <= frameworks(division.potent)


def test_nothing_learned_from_is_as_potent_as_what_is_to_be_found(division):
    assert labels(division.jak2, "pKi").values.max() < division.cut <= labels(division.potent, "pKi").values.min()
    assert labels(division.weak, "pKi").values.max() < division.cut


def test_every_compound_of_jak2_is_on_one_side(division):
    sides = (division.jak2, division.potent, division.weak)
    assert sum(map(len, sides)) == 976
    assert sorted(name for side in sides for name in side.ids) == sorted(load("jak2_ki").ids)


def test_the_top_third_of_scaffolds_is_held_out_with_its_weak_members():
    jak2 = Library.of([f"C{BENZENE}", f"N{BENZENE}", f"C{PYRIDINE}", f"C{FURAN}"], columns={"pKi": ["9.0", "5.0", "8.0", "7.0"]})
    jak1 = Library.of([f"C{BENZENE}", f"CC{BENZENE}", f"CC{FURAN}"], columns={"pKi": ["6", "6", "6"]})
    found = rediscovery.divided(jak2, jak1)
    assert (found.cut, found.potent.ids, found.weak.ids) == (9.0, ("row_1",), ("row_2",))
    assert (found.jak2.ids, found.jak1.ids) == (("row_3", "row_4"), ("row_3",))  # of JAK1 the scaffold goes too


def test_what_came_back_is_counted_by_hand():
    potent = Library.of(["C[C@H](N)c1ccccc1", "CCOc1ccncc1", "CCCCCCCc1ccoc1"])
    training = Library.of(["CCCCCCc1ccoc1"])
    # The amine's mirror image; the pyridine; a furan whose neighbour was known; nothing like any.
    proposals = Library.of(["C[C@@H](N)c1ccccc1", "CCOc1ccncc1", "CCCCCCCCc1ccoc1", "CCCC"])
    counts = rediscovery.returned(proposals, potent, training)
    assert counts["found"] == 1  # the pyridine; the amine is its mirror image
    assert counts["found_flat"] == 2
    assert counts["scaffolds"] == 3
    assert (counts["near60"], counts["near70"]) == (3, 3)  # stereo is no matter to ECFP4
    assert (counts["new_near60"], counts["new_near70"]) == (2, 2)  # the heptyl furan's neighbour was known


def test_a_close_analogue_is_one_by_tanimoto():
    potent, other = Library.of(["CCOc1ccncc1"]), Library.of(["CCOc1ccncc1C"])
    alike = float(rediscovery.closest(potent, other)[0])
    assert 0 < alike < 0.6  # 0.6 and 0.7 are not passed by one methyl on so small a molecule
    assert rediscovery.returned(other, potent, Library.of(["C"]))["near60"] == 0


def test_the_best_are_those_of_highest_score(division, monkeypatch):
    monkeypatch.setattr(rediscovery, "BEST", 2)
    sought = division.potent.smiles[0]
    rows = {"molgen_smiles": ["CCO", sought, "CCN"], "molgen_score": [0.9, 0.1, 0.5], "minutes": 1.0}
    for name, values in (("JAK2 pKi", [8.0, 7.0, 6.0]), ("JAK2 over JAK1", [1.0, 0.0, 0.0])):
        rows |= {f"molgen_{name}": values, f"molgen_{name}_spread": 0.5, f"molgen_{name}_in_domain": [True, True, False]}
    said = rediscovery.judged(division, pd.DataFrame(rows))
    assert (said["all"]["found"], said["best100"]["found"]) == (1, 0)
    assert (said["best100"]["in_domain"], said["best100"]["pki"]) == (0.5, 7.0)
    assert said["best100"]["in_domain_both"] == 0.5
    assert np.array(said["best"], dtype=object)[:, 0].tolist() == ["CCO", "CCN"]


def test_a_system_not_run_has_no_row():
    record = {"benchmark": "rediscovery", "variant": "trusting", "sd": None, "seeds": [0]}
    records = [{**record, "task": "all", "system": "genetic", "metric": metric, "value": 3.0} for metric in rediscovery.COUNTS]
    shown = table(records, "all")
    assert "genetic" in shown and "guided" not in shown
