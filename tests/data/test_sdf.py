"""Every record of an SD file is a row, and a broken one never takes its neighbours along."""

import io
import random
import time

import pytest
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.data import sdf
from molgen.data.columns import Choice
from molgen.data.library import Library, Rows
from molgen.data.prepare import prepare
from molgen.data.readers import join, read
from molgen.data.sdf import sdf_rows
from molgen.data.writers import write

GOOD = ("c1ccccc1O", "C[C@H](N)C(=O)O", "CC(=O)Oc1ccccc1C(=O)O")


def block(smiles: str, title: str = "x", *, v3000: bool = False) -> str:
    mol = Chem.MolFromSmiles(smiles)
    mol.SetProp("_Name", title)
    return Chem.MolToV3KMolBlock(mol) if v3000 else Chem.MolToMolBlock(mol)


def rows(text: str, *, chunk: int = 100, **choice: str) -> Rows:
    stream = io.TextIOWrapper(io.BytesIO(text.encode("utf-8", "surrogatepass")), encoding="utf-8", newline="")
    return join(list(sdf_rows(stream, Choice(**choice), chunk, "f.sdf")))


def smiles_of(read: Rows) -> list[str]:
    return Library.from_rows(read).smiles


@pytest.mark.parametrize("v3000", [False, True])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["$$$$\n", "$$$$", ""])
def test_records_of_both_versions_are_read_whatever_the_line_ends(v3000, end, last):
    text = "$$$$\n".join(block(smiles, f"m{i}", v3000=v3000) for i, smiles in enumerate(GOOD)) + last
    read = rows(text.replace("\n", end))
    assert smiles_of(read) == [Chem.CanonSmiles(smiles) for smiles in GOOD]
    assert (read.ids, read.lines) == (("m0", "m1", "m2"), (1, 2, 3))


def test_tags_are_columns_in_order_of_appearance_and_absent_ones_empty():
    text = block("CCO") + ">  <Ki> (1)\n1.5\n\n> 25 <note>\nfirst\nsecond\n\n$$$$\n" + block("CCN") + "> <note>\n\n\n> <id>\n7\n\n$$$$\n"
    read = rows(text)
    assert read.columns.columns.tolist() == ["Ki", "note", "id"]
    assert read.columns.to_numpy().tolist() == [["1.5", "first\nsecond", ""], ["", "", "7"]]


def test_a_tag_given_twice_keeps_both_values():
    columns = rows(block("CCO") + "> <x>\n1\n\n> <x>\n2\n\n>  DT12\n3\n\n$$$$\n").columns
    assert columns.to_dict("list") == {"x": ["1"], "x_2": ["2"], "DT12": ["3"]}


def test_titles_are_told_in_every_table_and_read_again(tmp_path):
    (tmp_path / "t.sdf").write_text(block("CCO", "ethanol") + "> <pKi>\n5\n\n$$$$\n" + block("CCN", "ethylamine") + "$$$$\n")
    library = read(tmp_path / "t.sdf")
    assert library.to_frame()["molgen_id"].tolist() == ["ethanol", "ethylamine"]
    write(library.to_frame(), tmp_path / "t.csv", structures=library.smiles, ids=library.ids)
    again = read(tmp_path / "t.csv")
    assert (again.ids, again.smiles) == (library.ids, library.smiles)
    prepare(tmp_path / "t.sdf", tmp_path / "t.parquet")
    assert read(tmp_path / "t.parquet").to_frame().to_csv() == library.to_frame().to_csv()
    named = read(tmp_path / "t.parquet", id_col="pKi")
    assert named.ids == ("5", "row_2") and named.rows.prepared is not None and "molgen_id" not in named.to_frame()


def test_chunks_join_to_the_same_rows():
    text = "".join(block(smiles, "") + f"> <{tag}>\n{i}\n\n$$$$\n" for i, (smiles, tag) in enumerate(zip(GOOD * 3, "aabbccabc")))
    whole, parts = rows(text), rows(text, chunk=2)
    assert parts.ids == whole.ids == tuple(f"row_{n}" for n in range(1, 10)) and parts.lines == whole.lines
    assert parts.columns.to_dict("list") == whole.columns.to_dict("list")


def test_ids_are_titles_else_an_id_tag_else_the_row_and_a_named_tag_wins():
    text = block("CCO", "title") + "> <name>\ntag\n\n$$$$\n" + block("CCN", "") + "> <name>\ntag2\n\n$$$$\n" + block("CCC", "") + "$$$$\n"
    assert rows(text).ids == ("title", "tag2", "row_3")
    assert rows(text, id_col="name").ids == ("tag", "tag2", "row_3") == rows(text, id_col="NAME", chunk=1).ids
    with pytest.raises(MolgenError, match="no column 'nothing'"):
        rows(text, id_col="nothing")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("", "empty record"),
        ("CO\n", "not a mol block: no counts on the fourth line"),  # a title that is a SMILES is no structure
        ("CO\n\n\nM  END\n", "not a mol block: no counts on the fourth line"),
        (block("CCO")[:60] + "\n", "not a mol block"),
        (block("CCO").replace("  3  2", "999999", 1), "not a mol block"),
        (Chem.MolToMolBlock(Chem.Mol()), "no heavy atom"),
        (block("CCO").replace("V2000", "V4000"), "not a mol block"),
        ("x" * 50 + "\n" + "y" * 1_200_000 + "\n", "record of more than 1000000 characters"),
        ("\x00\x01\x02\n", "not a mol block"),
    ],
)
def test_a_broken_record_is_a_row_with_a_reason_between_its_neighbours(record, reason):
    library = Library.from_rows(rows(f"{block(GOOD[0])}$$$$\n{record}$$$$\n{block(GOOD[1])}$$$$\n"))
    assert [library.smiles[0], library.smiles[2]] == [Chem.CanonSmiles(smiles) for smiles in GOOD[:2]]
    assert reason in library.structures[1].reason and len(library) == 3


def test_a_missing_end_mark_joins_no_two_molecules():
    plain = block(GOOD[0], "a") + block(GOOD[1], "b") + "$$$$\n" + block(GOOD[2], "c")
    tagged = block(GOOD[0], "a") + "> <x>\n1\n\n" + block(GOOD[1], "b") + "> <x>\n2\n\n$$$$\n" + block(GOOD[2], "c")
    for text in (plain, tagged):
        read = rows(text)
        assert (smiles_of(read), read.ids) == ([Chem.CanonSmiles(smiles) for smiles in GOOD], ("a", "b", "c"))
    assert rows(tagged).columns["x"].tolist() == ["1", "2", ""]


def test_a_mol_block_kept_in_a_tag_is_no_further_molecule():
    read = rows(block("CCO", "a") + "> <drawn>\n" + block("CCN", "b") + "\n$$$$\n" + block("CCC", "c") + "$$$$\n")
    assert (smiles_of(read), read.ids) == (["CCO", "CCC"], ("a", "c"))


def test_a_file_without_end_marks_is_not_held_in_memory(monkeypatch):
    monkeypatch.setattr(sdf, "_RECORD_MAX", 2_000)
    read = rows("x" * 99 + "\n" + "no end\n" * 10_000 + "$$$$\n" + block("CCO") + "$$$$\n")
    assert read.faults == {0: "record of more than 2000 characters"} and smiles_of(read) == ["", "CCO"]


def test_nothing_is_no_record():
    assert len(rows("")) == 0 and len(rows("\n\n")) == 0


@pytest.mark.parametrize("seed", range(200))
def test_neighbours_of_a_mutated_record_are_read(seed):
    rng = random.Random(seed)
    record = bytearray(block(rng.choice(GOOD), "bad", v3000=seed % 2 == 1).encode())
    for _ in range(rng.randint(1, 8)):
        kind, place = rng.choice(["flip", "cut", "double", "drop"]), rng.randrange(len(record))
        if kind == "flip":
            record[place] = rng.choice([letter for letter in range(256) if letter not in b"\n\r$"])
        elif kind == "cut" and len(record) > 40:
            del record[max(place, 20) :]
        elif kind == "double":
            record[place:place] = record[place : place + 30]
        elif len(record) > 60:
            del record[place : place + 3]
    text = f"{block(GOOD[0], 'one')}$$$$\n{record.decode('latin-1')}\n$$$$\n{block(GOOD[2], 'two')}$$$$\n"
    library = Library.from_rows(rows(text))
    assert (library.smiles[0], library.ids[0]) == (Chem.CanonSmiles(GOOD[0]), "one")
    assert (library.smiles[-1], library.ids[-1]) == (Chem.CanonSmiles(GOOD[2]), "two")
    assert all(structure.smiles or structure.reason for structure in library.structures[1:-1])


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_what_a_record_is_called_does_not_hang_on_the_others(chunk):
    tags = ["> <name>\nn1\n\n", "> <ID>\n7\n\n> <name>\nn2\n\n", "> <name>\nn3\n\n", "> <other>\nx\n\n"]
    text = "".join(block(smiles, "") + tag + "$$$$\n" for smiles, tag in zip(("C", "CC", "CCC", "CCCC"), tags))
    assert rows(text, chunk=chunk).ids == ("n1", "7", "n3", "row_4")


def test_time_goes_with_the_lines_of_a_record():
    tag = "> <numbers>\n" + "123456\n" * 60_000 + "\n"  # each line looks like one of counts
    began = time.process_time()
    read = rows(block("CCO") + tag + "$$$$\n")
    assert len(read) == 1 and read.columns["numbers"][0].count("123456") == 60_000
    assert time.process_time() - began < 3
