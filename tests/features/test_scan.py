"""The compiled reader against RDKit asked atom by atom, and what happens where it can't be trusted."""

from __future__ import annotations

import logging
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rdkit import Chem
from rdkit.Chem import AllChem
from rdkit.rdBase import BlockLogs

from molgen.chem.bulk import graph_mols, parse_all
from molgen.data.catalogue import benchmark_folder, datasets, load_rows
from molgen.data.readers import join, read_rows
from molgen.features import binary, graph, scan
from molgen.features.alphabet import pack_atom, pack_bond, unpack_atom, unpack_bond
from molgen.features.graph import Graphs, graphs, graphs_plainly
from molgen.features.probe import ORDINARY, PROBE
from tests.data.dirty import dirty

ARRAYS = ("atom_code", "atom_rows", "bond_code", "bond_rows", "bond_ends", "atom_offset", "bond_offset")


def scanned(mols: list[Chem.Mol | None]) -> Graphs:
    """The graphs as the compiled reader gives them, however few."""
    return graph._graphs_scanned(iter(mols), scan)


def same(first: Graphs, second: Graphs) -> None:
    for name in ARRAYS:
        one, other = getattr(first, name), getattr(second, name)
        assert one.dtype == other.dtype, name
        np.testing.assert_array_equal(one, other, err_msg=name)


def read(texts: list[str]) -> list[Chem.Mol | None]:
    return [parsed.mol for parsed in parse_all(texts)]


@pytest.fixture
def unproven():
    """The reader before it has been tried."""
    binary.trusted.cache_clear()
    yield
    binary.trusted.cache_clear()


@pytest.mark.parametrize("smiles", PROBE)
def test_each_odd_molecule_is_read_as_it_is_asked(smiles: str) -> None:
    with BlockLogs():
        mol = Chem.MolFromSmiles(smiles)
    assert mol is not None
    same(scanned([mol]), graphs_plainly([mol]))


def test_ordinary_molecules_are_not_asked_atom_by_atom() -> None:
    assert binary._read([binary._Record.of(Chem.MolFromSmiles(smiles)) for smiles in ORDINARY], scan)[1].all()


@pytest.mark.parametrize("name", sorted(datasets()))
def test_shipped_molecules_are_read_as_they_are_asked(name: str) -> None:
    mols = read(list(dict.fromkeys(load_rows(name).raw))[:2_000])
    same(graphs(mols), graphs_plainly(mols))


@pytest.mark.parametrize("name", ["moleculenet/clintox", "moleculenet/sider", "tdc_admet/solubility_aqsoldb"])
def test_public_molecules_with_metals_charges_and_stereo_are_read_as_they_are_asked(name: str) -> None:
    folder = benchmark_folder()
    if folder is None:
        pytest.skip("no benchmark files: set MOLGEN_DATA")
    mols = read(list(join(list(read_rows(folder / f"{name}.csv.gz"))).raw)[:1_500])
    same(graphs(mols), graphs_plainly(mols))


def test_dirty_rows_keep_their_places() -> None:
    mols = read(dirty())
    assert any(mol is None for mol in mols) and len(mols) >= 200
    many = graphs(mols)
    same(many, graphs_plainly(mols))
    assert (np.diff(many.atom_offset) > 0).tolist() == [mol is not None for mol in mols]


@given(st.lists(st.sampled_from([None, *PROBE]), max_size=12))
@settings(deadline=None)
def test_any_mixture_is_read_as_it_is_asked(chosen: list[str | None]) -> None:
    with BlockLogs():
        mols = [None if smiles is None else Chem.MolFromSmiles(smiles) for smiles in chosen]
    mols.append(None)
    same(scanned(mols), graphs_plainly(mols))


def test_more_molecules_than_a_block_are_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "_BLOCK", 7)
    mols = [Chem.MolFromSmiles(smiles) for smiles in ORDINARY] + [None] * 9
    same(scanned(mols), graphs_plainly(mols))


def not_from_smiles() -> list[Chem.Mol]:
    """Molecules with coordinates, residues, written hydrogens, properties, a query, and edited after reading."""
    solid = Chem.AddHs(Chem.MolFromSmiles("CC(=O)N[C@@H](C)O"))
    AllChem.EmbedMolecule(solid, randomSeed=1)
    peptide = Chem.MolFromSequence("ACDW")
    named = Chem.MolFromSmiles("CCO")
    named.SetProp("_Name", "ethanol")
    named.GetAtomWithIdx(0).SetProp("note", "first")
    named.GetBondWithIdx(0).SetIntProp("number", 7)
    edited = Chem.RWMol(Chem.MolFromSmiles("C1CCCCC1"))
    edited.ReplaceAtom(0, Chem.Atom("N"))
    Chem.SanitizeMol(edited)
    kekule = Chem.MolFromSmiles("c1ccccc1O")
    Chem.Kekulize(kekule, clearAromaticFlags=True)
    drawn = Chem.MolFromMolBlock(Chem.MolToMolBlock(solid), removeHs=False)
    return [solid, peptide, named, edited, kekule, drawn, Chem.MolFromSmiles("*CC")]


def test_molecules_from_elsewhere_than_smiles_are_read_as_they_are_asked() -> None:
    for mol in not_from_smiles():
        same(scanned([mol]), graphs_plainly([mol]))


@pytest.mark.parametrize("name", sorted(datasets()))
def test_fresh_molecules_that_are_let_go_of_have_the_graphs_of_those_that_are_kept(name: str) -> None:
    texts = [*PROBE, *dirty(), *dict.fromkeys(load_rows(name).raw)][:1_500]
    same(graphs(graph_mols(texts), fresh=True), graphs_plainly(read(texts)))


@pytest.mark.parametrize("size", [253, 254, 255, 256, 257, 400])
def test_an_atom_number_of_more_than_a_byte_is_no_hindrance(size: int) -> None:
    ring = Chem.MolFromSmiles(f"C1{'C' * (size - 2)}C1")
    mols = [Chem.MolFromSmiles("CCO"), ring, Chem.MolFromSmiles("CC(=O)O")]
    same(scanned(mols), graphs_plainly(mols))
    assert binary._read(list(map(binary._Record.of, mols)), scan)[1].tolist() == [True, size <= scan.MOST_ATOMS, True]


@given(st.integers(0, 118), st.integers(0, 999), st.integers(-128, 127), st.integers(0, 255), st.integers(0, 8), st.integers(0, 255))
def test_packing_loses_nothing(element: int, degree: int, charge: int, hydrogens: int, hybrid: int, rest: int) -> None:
    atom = (element, degree, charge, hydrogens, hybrid, rest % 3, rest % 2, rest % 64)
    assert unpack_atom(pack_atom(atom)) == atom
    bond = (rest % 22, rest % 8, rest % 2, degree % 2)
    assert unpack_bond(pack_bond(bond)) == bond


@given(st.lists(st.integers(0, 40).map(lambda kind: kind << 40 | kind * 977), max_size=200))
def test_codes_are_numbered_as_they_first_come(codes: list[int]) -> None:
    numbers, distinct = binary.number(np.array(codes, dtype=np.int64), scan)
    assert distinct == list(dict.fromkeys(codes))
    assert [distinct[place] for place in numbers] == codes


def test_more_distinct_codes_than_the_table_holds_are_numbered_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary, "_SLOTS", 4)
    codes = np.arange(1_000, dtype=np.int64)[::-1].repeat(2)
    numbers, distinct = binary.number(codes, scan)
    assert distinct == list(range(999, -1, -1))
    np.testing.assert_array_equal(numbers, np.arange(1_000).repeat(2))


def broken(fault: str) -> SimpleNamespace:
    """The reader with one fault, as a change of RDKit's form might bring about."""

    def records(buffer, starts, atom_offset, bond_offset, atoms, bonds, ends, understood):
        scan.records(buffer, starts, atom_offset, bond_offset, atoms, bonds, ends, understood)
        if fault == "charge":
            atoms &= ~(255 << 24)
        elif fault == "stereo":
            bonds &= ~(15 << 4)
        elif fault == "ends":
            ends[:] = ends[::-1].copy()
        elif fault == "nothing understood":
            understood[:] = False

    def sizes(buffer, starts, atoms, bonds):
        if fault == "crash":
            raise ValueError("wrong number of bytes")
        scan.sizes(buffer, starts, atoms, bonds)

    def number(packed, numbers, distinct, slots):
        found = scan.number(packed, numbers, distinct, slots)
        if fault == "numbers":
            numbers[:1] = found - 1
        return found

    return SimpleNamespace(PADDING=scan.PADDING, sizes=sizes, records=records, number=number)


@pytest.mark.parametrize("fault", ["charge", "stereo", "ends", "nothing understood", "crash", "numbers"])
def test_a_broken_reader_is_found_out_and_left_alone_with_one_line(fault, unproven, monkeypatch, caplog) -> None:
    monkeypatch.setattr(binary, "import_module", lambda name: broken(fault))
    mols = [Chem.MolFromSmiles(smiles) for smiles in ("CC(=O)[O-]", "F/C=C/F", "C[C@H](N)O")] * 100
    with caplog.at_level(logging.WARNING):
        first, second = graphs(mols), graphs(mols)
    same(first, graphs_plainly(mols))
    same(second, first)
    assert [record.name for record in caplog.records] == ["molgen.features.binary"]
    assert "atom by atom" in caplog.text


def test_without_numba_molecules_are_asked_atom_by_atom(unproven, monkeypatch, caplog) -> None:
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(binary, "import_module", absent)
    mols = [Chem.MolFromSmiles("CCO")] * 300
    same(graphs(mols), graphs_plainly(mols))
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["numba is not installed"]


def test_the_reader_is_trusted_with_the_rdkit_in_use(unproven) -> None:
    assert binary.trusted() is scan


@pytest.mark.parametrize("broken_byte", [0, 8, 12, 22, 29])
def test_a_record_of_another_form_is_not_guessed_at(broken_byte: int) -> None:
    record = bytearray(Chem.MolFromSmiles("CCO").ToBinary(32))
    record[broken_byte] ^= 0x55
    atoms, bonds = np.zeros((2, 1), dtype=np.int64)
    buffer = np.frombuffer(bytes(record) + bytes(scan.PADDING), dtype=np.uint8)
    scan.sizes(buffer, np.array([0, len(record)]), atoms, bonds)
    assert atoms.tolist() == bonds.tolist() == [-1]


@example("o1cccc1", 145, 14)  # a label that speaks of more atoms than there are bytes left
@given(st.sampled_from(ORDINARY[1:]), st.integers(30, 400), st.integers(0, 255))
@settings(max_examples=300, deadline=None)
def test_a_damaged_record_is_never_read_past_its_end(smiles: str, place: int, value: int) -> None:
    record = bytearray(Chem.MolFromSmiles(smiles).ToBinary(32))
    record[place % (len(record) - 30) + 30] = value
    whole = bytes(record) + bytes(scan.PADDING)
    starts = np.array([0, len(record)])
    counts = np.zeros((2, 1), dtype=np.int64)
    scan.sizes(np.frombuffer(whole, dtype=np.uint8), starts, counts[0], counts[1])
    atoms, bonds, ends = np.zeros(counts[0, 0], np.int64), np.zeros(counts[1, 0], np.int64), np.zeros((2, counts[1, 0]), np.int64)
    offsets = [np.array([0, int(count[0])]) for count in counts]
    # Not compiled, so that numpy itself says where an index is past the end.
    with np.errstate(over="ignore"):
        plainly = SimpleNamespace(**{name: getattr(scan, name).py_func for name in ("_read_atoms", "_read_bonds", "_read_rings")})
        end = plainly._read_atoms(np.frombuffer(whole, dtype=np.uint8), 30, len(record), atoms)
        end = end and plainly._read_bonds(np.frombuffer(whole, dtype=np.uint8), end, len(record), atoms, bonds, ends)
        end = end and plainly._read_rings(np.frombuffer(whole, dtype=np.uint8), end, len(record), atoms, bonds, ends)
    assert 0 <= end <= len(record) + scan.PADDING
    scan.records(np.frombuffer(whole, dtype=np.uint8), starts, *offsets, atoms, bonds, ends, np.ones(1, dtype=bool))


def test_a_few_molecules_bring_no_compiler() -> None:
    code = """if True:
        import sys
        from rdkit import Chem
        from molgen.features.graph import graphs
        graphs([Chem.MolFromSmiles("CCO")] * 100)
        print(*{"numba", "pandas", "scipy", "pydantic"} & set(sys.modules))
        graphs([Chem.MolFromSmiles("CCO")] * 1000)
        print(*{"numba"} & set(sys.modules))
    """
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["", "numba"]


def test_a_folder_that_cannot_be_written_hinders_nothing(tmp_path) -> None:
    """Compiled code is kept beside the source, or in a cache folder; neither is there to be had here."""
    code = """if True:
        import numba.core.caching as caching
        caching.CacheImpl._locator_classes = []
        from molgen.features import binary
        assert binary.trusted() is not None
    """
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
