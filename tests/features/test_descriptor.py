"""Descriptors against RDKit's own functions by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import QED, Crippen, rdMolDescriptors
from rdkit.Chem import Descriptors as RDKitDescriptors

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.features.base import Featurizer, Matrix
from molgen.features.descriptor import Descriptors

MOLS = [Chem.MolFromSmiles(smiles) for smiles in ("CC(=O)Oc1ccccc1C(=O)O", "C", "[Na+].[Cl-]", "OC[C@H]1OC(O)[C@H](O)[C@@H](O)[C@@H]1O")]


def column(descriptors: Descriptors, name: str) -> np.ndarray:
    return descriptors(MOLS)[:, descriptors.names.index(name)]


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("CrippenClogP", Crippen.MolLogP),
        ("tpsa", rdMolDescriptors.CalcTPSA),
        ("amw", RDKitDescriptors.MolWt),
        ("NumHBA", rdMolDescriptors.CalcNumHBA),
        ("PEOE_VSA1", RDKitDescriptors.PEOE_VSA1),
        ("SlogP_VSA12", RDKitDescriptors.SlogP_VSA12),
        ("SMR_VSA10", RDKitDescriptors.SMR_VSA10),
    ],
)
def test_cheap_values_are_rdkits_by_name(name: str, function) -> None:  # type: ignore[no-untyped-def]
    np.testing.assert_allclose(column(Descriptors(), name), [function(mol) for mol in MOLS], rtol=1e-6)


def test_the_full_set_is_rdkits_list_of_217_with_gaps_as_nan() -> None:
    full = Descriptors(set="full")
    values = full(MOLS[:2])
    assert full.names == tuple(name for name, _ in RDKitDescriptors.descList)
    assert values.shape == (2, full.width) == (2, 217)
    assert not np.isinf(values).any()
    expected = np.float32(QED.qed(MOLS[0]))
    assert values[0, full.names.index("qed")] == expected


def test_what_does_not_fit_a_float_is_missing_not_infinite() -> None:
    long_chain = Chem.MolFromSmiles("C" * 400)  # its Ipc is past 1e38
    values = Descriptors(set="full")([long_chain])
    assert np.isnan(values[0, Descriptors(set="full").names.index("Ipc")])


def test_no_molecules_give_no_rows_of_full_width() -> None:
    assert Descriptors()([]).shape == (0, len(Descriptors().names))


def test_an_unknown_set_is_refused_by_name() -> None:
    with pytest.raises(MolgenError, match="'all'"):
        Descriptors(set="all")  # type: ignore[arg-type]


def test_quick_descriptors_are_the_same_numbers_as_among_the_cheap() -> None:
    quick, cheap = Descriptors(set="quick"), Descriptors()
    places = [cheap.names.index(name) for name in quick.names]
    np.testing.assert_array_equal(quick(MOLS), cheap(MOLS)[:, places])
    assert 0 < quick.width < cheap.width and "tpsa" in quick.names


def test_a_featurizer_defined_anew_is_asked_anew_and_one_of_another_shape_is_refused() -> None:
    def made(value: float, rows: int = 0) -> type[Featurizer]:
        @dataclass(frozen=True, kw_only=True)
        class Constant(Featurizer):
            @property
            def names(self) -> tuple[str, ...]:
                return ("value",)

            def __call__(self, mols: Sequence[Chem.Mol]) -> Matrix:
                return np.full((rows or len(mols), 1), value, dtype=np.float32)

        return Constant

    library = Library.of(["CCO", "CC"])
    assert [made(value)().of(library)[0, 0] for value in (1.0, 2.0)] == [1.0, 2.0]
    with pytest.raises(MolgenError, match="want 2 molecules of 1 numbers"):
        made(1.0, rows=3)().of(library)
