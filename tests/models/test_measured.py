"""Repeats of one molecule make one label, whatever their order; what can't hold together is listed."""

from itertools import permutations

import numpy as np
import pytest

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.models.base import Task
from molgen.models.measured import measured

OTHERS = [f"{'C' * n}O" for n in range(1, 11)]


def merged(cells, unit=None):
    """Value, relation and conflicts of one molecule with these cells, among ten others."""
    library = Library.of(["c1ccccc1"] * len(cells) + OTHERS, columns={"y": [*cells, *(str(n + 3) for n in range(10))]})
    found = measured(library, ["y"], units={"y": unit} if unit else None)
    return found.targets[0, 0], found.relations[0, 0], found.conflicts["y"]


@pytest.mark.parametrize(
    ("cells", "value", "relation", "conflict"),
    [
        (["7.0", "7.4", "7.5"], 7.4, "=", False),
        (["5.0", "6.5"], 5.75, "=", False),
        (["5.0", "9.5"], 7.25, "=", True),
        ([">5", "7"], 7, "=", False),
        ([">7", "7"], 7, "=", False),  # >=7 is read as >7
        ([">9", "4"], 4, "=", True),
        (["<3", "4"], 4, "=", True),
        ([">4.8", "4.5", "5.3"], 4.9, "=", False),  # by their median
        (["<9", ">5", "7"], 7, "=", False),
        ([">5", ">9"], 9, ">", False),
        (["<5", "<9", "<7"], 5, "<", False),
        ([">5", "<9"], 5, ">", False),
        ([">5", "<9", "<8"], 8, "<", False),
        ([">9", "<5"], 9, ">", True),
        ([">9", "<5", "<6"], 5, "<", True),
        ([">5", "<5"], 5, ">", True),
    ],
)
def test_repeats_and_bounds_make_one_label_in_any_order(cells, value, relation, conflict):
    for order in permutations(cells):
        found, sign, conflicts = merged(order)
        assert (found, sign, bool(conflicts)) == (pytest.approx(value), relation, conflict)


@pytest.mark.parametrize(
    ("cells", "value", "conflict"), [(["10", "40"], 20, False), (["10", "1000"], 100, True), (["3", "10", "1000"], 10, True)]
)
def test_repeats_of_what_is_learned_as_a_logarithm_meet_between_their_logarithms(cells, value, conflict):
    library = Library.of(["c1ccccc1"] * len(cells) + OTHERS, columns={"Ki": [*cells, *(str(3.0 * 2**n) for n in range(10))]})
    found = measured(library, [Task("Ki", scale="log")])
    assert (found.targets[0, 0], bool(found.conflicts["Ki"])) == (pytest.approx(value), conflict)


@pytest.mark.parametrize("extra", [[("C1CC", "0")], [("CCCCCCCCCCCCO", "0"), ("CCCCCCCCCCCCO", "5")]])
def test_a_zero_somewhere_does_not_forbid_logarithms_here(extra):
    """What has none is refused when it is learned, and not for a row that is no molecule or a test one."""
    values = [*(str(3.0 * 2**n) for n in range(10)), "10", "1000", *(cell for _, cell in extra)]
    smiles = [*OTHERS, "c1ccccc1", "c1ccccc1", *(text for text, _ in extra)]
    found = measured(Library.of(smiles, columns={"Ki": values}), [Task("Ki", scale="log")])
    assert found.targets[10, 0] == pytest.approx(100) and found.targets[11:, 0].tolist() in ([], [2.5])


def test_a_row_that_is_no_molecule_decides_nothing():
    smiles, values = [*OTHERS, "c1ccccc1", "c1ccccc1", "C1CC"], [*(6 + n / 10 for n in range(10)), 5.0, 9.0, 900.0]
    assert measured(Library.of(smiles, columns={"y": values}), ["y"]).conflicts["y"]


def test_what_is_far_apart_is_told_by_the_values_whatever_their_unit():
    smiles, values = ["c1ccccc1"] * 2 + OTHERS, [20.0, 26.0, *range(0, 100, 10)]
    for factor in (1, 1e-3, 1e3):
        found = measured(Library.of(smiles, columns={"y": [value * factor for value in values]}), ["y"])
        assert not found.conflicts["y"]
    assert measured(Library.of(smiles, columns={"y": [20.0, 90.0, *values[2:]]}), ["y"]).conflicts["y"]


def test_the_tightest_of_weak_concentrations_is_the_weakest():
    assert merged([">1000", ">100000"], unit="nM")[:2] == (4.0, "<")


def test_a_conflict_says_which_of_its_values_are_bounds():
    assert merged([">9", "4"])[2] == [{"ids": ["row_1", "row_2"], "values": [9.0, 4.0], "relations": [">", "="]}]


def test_truths_are_classes():
    library = Library.of(OTHERS, columns={"y": [True, False] * 5})
    found = measured(library, ["y"])
    assert found.tasks == (Task("y", "classification"),) and found.targets[:, 0].tolist() == [1, 0] * 5
    with pytest.raises(MolgenError, match="a regression of true and false"):
        measured(library, [Task("y", "regression")])


@pytest.mark.parametrize("task", ["y", Task("y", "regression"), Task("y", "classification")])
def test_too_few_values_say_how_many_were_refused_and_why(task):
    library = Library.of(OTHERS, columns={"y": ["active", "inactive"] * 4 + [None, 1]})
    with pytest.raises(MolgenError, match=r"1 molecules with a value, .* 10; 8 cells refused, the first: y: 'active' is not a number"):
        measured(library, [task])


def test_blank_cells_were_not_refused():
    with pytest.raises(MolgenError, match=r"want at least 10 \(column y"):
        measured(Library.of(OTHERS, columns={"y": [np.nan] * 10}), ["y"])
