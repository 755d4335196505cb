"""Fingerprints against RDKit's older functions, which share no code path with the generators' arrays."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import AllChem, rdMolDescriptors
from rdkit.rdBase import BlockLogs

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.features.base import FEATURIZERS
from molgen.features.fingerprint import _GENERATORS, Fingerprint

MOLS = [Chem.MolFromSmiles(smiles) for smiles in ("CC(=O)Oc1ccccc1C(=O)O", "C", "CCCCCCCC", "C1CCNCC1C(F)(F)F")]


def hashed(kind: str, mol: Chem.Mol, size: int):  # type: ignore[no-untyped-def]
    if kind.startswith(("ecfp", "fcfp")):
        return AllChem.GetHashedMorganFingerprint(mol, int(kind[-1]) // 2, nBits=size, useFeatures=kind[0] == "f")
    if kind == "atom_pair":
        return rdMolDescriptors.GetHashedAtomPairFingerprint(mol, nBits=size)
    return rdMolDescriptors.GetHashedTopologicalTorsionFingerprint(mol, nBits=size)


@pytest.mark.parametrize("kind", ["ecfp4", "ecfp6", "fcfp4", "fcfp6"])
def test_circles_are_those_of_the_older_functions(kind: str) -> None:
    expected = np.zeros((len(MOLS), 512))
    with BlockLogs():
        for row, mol in zip(expected, MOLS):
            for bit, count in hashed(kind, mol, 512).GetNonzeroElements().items():
                row[bit] = count
    counts = Fingerprint(kind=kind, size=512, values="counts")(MOLS)  # type: ignore[arg-type]
    np.testing.assert_array_equal(counts, expected)


@pytest.mark.parametrize("kind", ["ecfp4", "fcfp6", "atom_pair", "torsion"])
def test_bits_say_where_counts_are_and_logarithms_how_many(kind: str) -> None:
    made = {values: Fingerprint(kind=kind, size=4096, values=values)(MOLS) for values in ("bits", "counts", "log_counts")}  # type: ignore[arg-type]
    np.testing.assert_allclose(made["log_counts"], np.log1p(made["counts"]), rtol=1e-6)
    if kind in ("ecfp4", "fcfp6"):  # RDKit spreads a pair's bits by its count, so the others' bits are more than presence
        np.testing.assert_array_equal(made["bits"], made["counts"] > 0)
    assert set(np.unique(made["bits"])) <= {0.0, 1.0}


@pytest.mark.parametrize(("kind", "total"), [("atom_pair", 8 * 7 / 2), ("torsion", 5)])
def test_octane_has_as_many_pairs_and_chains_as_counted_by_hand(kind: str, total: float) -> None:
    octane = [Chem.MolFromSmiles("CCCCCCCC")]
    assert Fingerprint(kind=kind, values="counts")(octane).sum() == total  # type: ignore[arg-type]


def test_no_molecules_give_no_rows_of_full_width() -> None:
    assert Fingerprint(size=64)([]).shape == (0, 64)
    assert len(Fingerprint(size=64).names) == Fingerprint(size=64).width == 64


def test_a_library_shares_one_matrix_between_equal_featurizers() -> None:
    library = Library.of(["CCO", "C1CC", "OCC"])
    first = Fingerprint(size=128).of(library)
    assert Fingerprint(size=128).of(library) is first
    assert Fingerprint(size=256).of(library) is not first
    assert first.shape == (1, 128)


def test_options_come_from_the_table_and_unknown_ones_are_named() -> None:
    assert FEATURIZERS.build("fingerprint", {"kind": "torsion", "size": 32}) == Fingerprint(kind="torsion", size=32)
    with pytest.raises(MolgenError, match="no option 'radius'"):
        FEATURIZERS.build("fingerprint", {"radius": 2})
    with pytest.raises(MolgenError, match="ecfp8"):
        Fingerprint(kind="ecfp8")  # type: ignore[arg-type]
    with pytest.raises(MolgenError, match="want 1 or more"):
        Fingerprint(size=0)


@pytest.mark.parametrize("kind", ["ecfp4", "ecfp6", "fcfp6", "atom_pair", "torsion"])
def test_fragments_are_the_counts_that_rdkit_gives_as_a_row(kind: str) -> None:
    expected = np.array([_GENERATORS[kind](512).GetCountFingerprintAsNumPy(mol) for mol in MOLS])
    found = Fingerprint(kind=kind, size=512).fragments(MOLS)  # type: ignore[arg-type]
    assert (found.times > 0).all() and len(found.times) == (expected > 0).sum()
    seen = np.zeros_like(expected)
    seen[found.molecule, found.column] = found.times
    np.testing.assert_array_equal(seen, expected)


def test_no_molecules_have_no_fragments() -> None:
    assert [len(part) for part in Fingerprint().fragments([])] == [0, 0, 0]


def test_values_of_another_name_are_refused() -> None:
    with pytest.raises(MolgenError, match="values of a fingerprint are 'bit'"):
        Fingerprint(values="bit")


@pytest.mark.parametrize(("kind", "size"), [("avalon", 7), ("atom_pair", 4), ("torsion", 4), ("ecfp4", 0)])
def test_too_few_columns_are_refused(kind: str, size: int) -> None:
    with pytest.raises(MolgenError, match=f"{kind} in {size} columns"):
        Fingerprint(kind=kind, size=size)
    assert Fingerprint(kind=kind, size=size + 1)([Chem.MolFromSmiles("CCO")]).shape == (1, size + 1)
