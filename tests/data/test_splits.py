"""No molecule, skeleton or scaffold is on two sides, and the parts follow the molecules, not the file's order."""

import csv
import gzip
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem
from rdkit.Chem.Scaffolds.MurckoScaffold import MurckoScaffoldSmiles

from molgen.base.errors import MolgenError
from molgen.data.catalogue import datasets
from molgen.data.library import Library
from molgen.data.splits import folds, split

GROUPED = ("scaffold", "cluster", "random")


def molecules(n: int) -> list[str]:
    with gzip.open(datasets()["jak2_ki"].path, "rt") as opened:
        smiles = [row["smiles"] for row in csv.DictReader(opened)][:: 976 // n]
    return [*smiles, *smiles[:20], "C1CC", "", "C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", "CC(N)C(=O)O"]


@pytest.fixture(scope="module")
def library() -> Library:
    cells = molecules(160)
    return Library.of(cells, columns={"year": [str(1990 + sum(map(ord, text)) % 30) for text in cells]})


def sides(library: Library, parts: np.ndarray, name) -> dict[str, set[str]]:
    """The parts in which each named group occurs; a molecule drawn in two ways goes by its first drawing."""
    found: dict[str, set[str]] = {}
    for row, first in enumerate(library.first_row.tolist()):
        if first >= 0:
            found.setdefault(name(first), set()).add(parts[row])
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("method", GROUPED)
def test_no_molecule_or_stereoisomer_is_on_two_sides(library, method, seed):
    parts = split(library, method, seed=seed)
    assert all(len(where) == 1 for where in sides(library, parts, lambda row: library.inchikeys[row][:14]).values())
    assert [part == "" for part in parts] == [not good for good in library.ok]


@pytest.mark.parametrize("seed", range(5))
def test_no_scaffold_is_on_two_sides(library, seed):
    # In the spirit of DeepChem's ScaffoldSplitter: Murcko scaffolds without stereo, each in one part.
    parts = split(library, "scaffold", seed=seed)
    flat = {row: Chem.MolToSmiles(Chem.MolFromSmiles(text), isomericSmiles=False) for row, text in enumerate(library.smiles) if text}
    assert all(len(where) == 1 for where in sides(library, parts, lambda row: MurckoScaffoldSmiles(flat[row])).values())


@pytest.mark.parametrize("method", GROUPED)
@pytest.mark.parametrize("fractions", [(0.8, 0.1, 0.1), (0.5, 0.0, 0.5), (0.6, 0.2, 0.2), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)])
def test_parts_are_as_large_as_asked_within_a_group(library, method, fractions):
    distinct = library.distinct()
    parts = split(distinct, method, fractions=fractions)
    names = {
        "random": lambda: [key[:14] for key in distinct.inchikeys],
        "scaffold": lambda: [MurckoScaffoldSmiles(text) for text in distinct.smiles],
        "cluster": lambda: ["one"] * 60,  # at most this many in a cluster here
    }[method]()
    largest = max(Counter(names).values())
    for part, fraction in zip(("train", "valid", "test"), fractions):
        assert abs((parts == part).sum() - fraction * len(distinct)) <= largest
        assert fraction or not (parts == part).any()


@given(seed=st.integers(0, 99), order=st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
@pytest.mark.parametrize("method", [*GROUPED, "time"])
def test_a_molecule_has_the_same_part_wherever_its_row_stands(library, method, seed, order):
    rows = list(range(len(library)))
    order.shuffle(rows)
    parts = split(library, method, seed=seed, column="year")
    assert split(library.take(rows), method, seed=seed, column="year").tolist() == parts[rows].tolist()


@pytest.mark.parametrize("method", GROUPED)
def test_the_seed_decides_and_nothing_else(library, method):
    np.random.seed(0)
    first = split(library, method, seed=3).tolist()
    np.random.seed(1)
    assert split(library, method, seed=3).tolist() == first
    assert any(split(library, method, seed=seed).tolist() != first for seed in range(4, 8))


def timed(years: list[str], smiles: list[str] | None = None) -> Library:
    return Library.of(smiles or ["C" * n + "O" for n in range(1, len(years) + 1)], columns={"year": years})


def test_a_time_split_keeps_the_newest_for_the_test():
    years = [str(2000 + (7 * n) % 20) for n in range(20)]
    parts = split(timed(years), "time", fractions=(0.6, 0.2, 0.2), column="year")
    newest = {part: max(year for year, where in zip(years, parts) if where == part) for part in ("train", "valid", "test")}
    oldest = {part: min(year for year, where in zip(years, parts) if where == part) for part in ("train", "valid", "test")}
    assert newest["train"] < oldest["valid"] and newest["valid"] < oldest["test"]
    assert Counter(parts.tolist()) == {"train": 12, "valid": 4, "test": 4}


def test_a_molecule_measured_twice_counts_from_its_first_day():
    library = timed(["2020", "2001", "2010", "1999"], ["CCO", "CCN", "CCC", "OCC"])
    assert split(library, "time", fractions=(0.4, 0, 0.6), column="year").tolist() == ["train", "test", "test", "train"]


@pytest.mark.parametrize(
    ("early", "late"),
    [
        ("2019", "2020"),
        ("2019-12-31", "2020-01-01"),
        ("2019/9/5", "2019-10-01"),
        ("2019", "2019-05"),
        ("31.12.2019", "1.01.2020"),
        ("2019.0", "2020.0"),
        ("2019-05-01 00:00:00", "2019-05-02T10:00"),
    ],
)
def test_years_and_iso_dates_are_ordered(early, late):
    assert split(timed([late, early]), "time", fractions=(0.5, 0, 0.5), column="year").tolist() == ["test", "train"]


@pytest.mark.parametrize("cell", ["", "99", "12/05/2020", "12.31.2019", "May 2020", "2020-", "\u0662\u0660\u0662\u0660", "20\u00b20"])
def test_what_is_no_date_is_an_error_with_its_line(cell):
    with pytest.raises(MolgenError, match="not a year or an ISO date") as error:
        split(timed(["2020", cell]), "time", column="year")
    assert error.value.where == "column year, line 2"


def test_a_column_says_the_parts_in_its_own_words():
    library = Library.of(["CCO", "CCN", "CCC", "C1CC", "OCC"], columns={"Set": [" Training", "val", "TEST", "", "trn"]})
    assert split(library, "column", column="Set").tolist() == ["train", "valid", "test", "", "train"]


def test_torn_duplicates_in_a_column_are_an_error_that_names_them():
    library = Library.of(["CCO", "CCN", "OCC"], ids=["a", "b", "c"], columns={"split": ["train", "test", "test"]})
    with pytest.raises(MolgenError) as error:
        split(library, "column")
    assert "1 molecules are on two sides of the split, first 'c' (test) = 'a' (train)" in str(error.value)


@pytest.mark.parametrize(
    ("method", "options", "said"),
    [
        ("astrology", {}, "no split is called 'astrology'"),
        ("random", {"fractions": (0.5, 0.6, 0.0)}, "fractions 0.5, 0.6, 0; want three"),
        ("random", {"fractions": (1.5, -0.5, 0.0)}, "fractions"),
        ("random", {"fractions": (0.5, 0.5)}, "fractions"),
        ("random", {"fractions": (float("nan"), 0.5, 0.5)}, "fractions"),
        ("column", {}, "no column 'split'"),
        ("column", {"column": "smiles"}, "split 'cco', want train, valid or test"),
        ("time", {}, "needs the column of dates"),
        ("time", {"column": "when"}, "no column 'when'"),
    ],
)
def test_each_wrong_request_is_answered(method, options, said):
    with pytest.raises(MolgenError, match=said):
        split(Library.of(["CCO", "CCN"]), method, **options)


@pytest.mark.parametrize("method", GROUPED)
def test_nothing_all_bad_and_one_molecule_split_too(method):
    assert split(Library.of([]), method).tolist() == []
    assert split(Library.of(["", "C1CC"]), method).tolist() == ["", ""]
    assert split(Library.of(["CCO"]), method).tolist() == ["train"]


@pytest.mark.parametrize("method", GROUPED)
@pytest.mark.parametrize("n", [2, 5, 10])
def test_folds_are_even_and_keep_groups_whole(library, method, n):
    fold = folds(library, n, method=method, seed=1)
    assert (fold == -1).tolist() == (~library.ok).tolist() and set(fold[library.ok].tolist()) <= set(range(n))
    assert all(len(where) == 1 for where in sides(library, fold, lambda row: library.inchikeys[row][:14]).values())
    if method == "random":
        sizes = np.bincount(fold[library.first_row == np.arange(len(library))], minlength=n)
        assert sizes.max() - sizes.min() <= 3  # three stereoisomers go together
    shuffled = np.random.default_rng(0).permutation(len(library))
    assert folds(library.take(shuffled), n, method=method, seed=1).tolist() == fold[shuffled].tolist()


@pytest.mark.parametrize("n", [0, 1, 3])
def test_more_folds_than_molecules_are_a_request_error(n):
    with pytest.raises(MolgenError, match=f"{n} folds of 2 molecules"):
        folds(Library.of(["CCO", "CCN"]), n)
