"""Rows in are rows out, whatever the form of the file; a dirty one too."""

import gzip
import io
import sys
import types

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.base.parallel import Pool
from molgen.data.columns import Choice
from molgen.data.readers import format_of, join, read, read_rows
from tests.data.dirty import write_dirty

CELLS = ["CCO", "OCC", "C1CC", "", "CCN.Cl", "\u0421CO", "c1ccccc1"]
SMILES = ["CCO", "CCO", "", "", "CCN", "", "c1ccccc1"]


def _blocks() -> str:
    return "".join(f"{Chem.MolToMolBlock(Chem.MolFromSmiles(text)) if text else 'broken'}\n$$$$\n" for text in SMILES)


FORMS = {
    "x.smi": "".join(f"{text}\tm{row}\n" for row, text in enumerate(CELLS)),
    "x.csv": "ID,SMILES\n" + "".join(f"m{row},{text}\n" for row, text in enumerate(CELLS)),
    "x.tsv": "ID\tSMILES\n" + "".join(f"m{row}\t{text}\n" for row, text in enumerate(CELLS)),
    "x.sdf": _blocks(),
}


def expected(name: str) -> list[str]:
    return [text.replace("CCN.Cl", "CCN") for text in SMILES] if name != "x.sdf" else SMILES


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_rows_in_are_rows_out_for_every_form(tmp_path, name, packed, end, encoding):
    path = tmp_path / (name + ".gz" * packed)
    content = FORMS[name].replace("\n", end).encode(encoding)
    path.write_bytes(gzip.compress(content) if packed else content)
    library = read(path)
    assert library.smiles == expected(name)
    assert all(structure.smiles or structure.reason for structure in library.structures)


@pytest.mark.parametrize("name", FORMS)
def test_standard_input_is_read_in_every_form(monkeypatch, name):
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(FORMS[name].encode())))
    assert read("-", format=format_of(name)).smiles == expected(name)


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
def test_chunks_join_to_the_whole(tmp_path, name, chunk):
    (tmp_path / name).write_text(FORMS[name])
    whole, chunks = join(list(read_rows(tmp_path / name))), list(read_rows(tmp_path / name, chunk=chunk))
    assert max(map(len, chunks)) <= max(chunk, 2)  # a blank line before a row is read with it
    parts = join(chunks)
    assert (parts.ids, parts.raw, parts.lines, parts.faults) == (whole.ids, whole.raw, whole.lines, whole.faults)
    pd.testing.assert_frame_equal(parts.columns, whole.columns)


@pytest.mark.parametrize("name", [f"{name}.gz" for name in FORMS])
def test_a_truncated_archive_is_never_silently_short(tmp_path, name):
    whole = gzip.compress(FORMS[name.removesuffix(".gz")].encode() * 20)
    for cut in range(0, len(whole), max(1, len(whole) // 25)):
        (tmp_path / name).write_bytes(whole[:cut])
        with pytest.raises(MolgenError):
            read_all = list(read_rows(tmp_path / name))
            assert not read_all


def test_a_form_is_known_by_its_name_in_any_case():
    assert [format_of(name) for name in ("A.SMI", "a.b.csv.GZ", "x.sd", "x.mol", "-", "x.tsv.zst", "REAL.cxsmiles.bz2", "S.XLSX")] == [
        "smi",
        "csv",
        "sdf",
        "sdf",
        "csv",
        "tsv",
        "smi",
        "xlsx",
    ]
    for name in ("x", "x.gz", "x.txt"):
        with pytest.raises(MolgenError, match="can't tell the format"):
            format_of(name)


def test_an_archive_or_a_smiles_in_place_of_a_file_is_answered_with_the_way_to_have_it_read():
    with pytest.raises(MolgenError, match="unpack it first"):
        format_of("Series.ZIP")
    with pytest.raises(MolgenError, match="save it as SDF"):
        format_of("library.dwar")
    with pytest.raises(MolgenError, match=r"echo 'CCO' \| molgen \.\.\. - --format smi"):
        format_of("CCO")
    with pytest.raises(MolgenError, match="can't tell the format"):
        format_of("C" * 5_000)  # longer than a file's name may be


def test_named_columns_win_and_input_columns_come_back_untouched_and_in_order(tmp_path):
    (tmp_path / "x.csv").write_text(" Smiles ,b,parent,molgen_smiles,code\n CCO ,007,CCN,mine,k1\nx,1.50,CCC,,k2\n")
    library = read(tmp_path / "x.csv", smiles_col="parent", id_col="code")
    assert (library.smiles, library.ids) == (["CCN", "CCC"], ("k1", "k2"))
    frame = library.to_frame()
    assert frame.columns.tolist()[:5] == [" Smiles ", "b", "parent", "molgen_smiles", "code"]
    assert frame.iloc[:, :5].to_numpy().tolist() == [[" CCO ", "007", "CCN", "mine", "k1"], ["x", "1.50", "CCC", "", "k2"]]
    assert frame["molgen_smiles_2"].tolist() == ["CCN", "CCC"]


def test_a_dirty_file_keeps_every_row_with_a_structure_or_a_reason(tmp_path):
    cells = write_dirty(tmp_path / "dirty.csv")
    library = read(tmp_path / "dirty.csv")
    assert len(library) == len(cells) >= 200
    assert library.rows.raw == tuple(cells) and library.ids[7] == "mol-7"
    assert all(bool(structure.smiles) != bool(structure.reason) for structure in library.structures)
    assert library.rows.columns["note"].tolist() == [f"note, {row}" for row in range(len(cells))]
    assert library.to_frame().shape == (len(cells), 9)


def test_a_pool_reads_what_one_process_reads(tmp_path):
    write_dirty(tmp_path / "dirty.csv")
    assert read(tmp_path / "dirty.csv", executor=Pool(workers=1)).structures == read(tmp_path / "dirty.csv").structures


@given(st.binary(max_size=300), st.sampled_from(["smi", "csv", "tsv", "sdf", "parquet", "xlsx"]))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_rows_or_a_request_error(tmp_path_factory, data, form):
    path = tmp_path_factory.mktemp("bytes") / "x"
    path.write_bytes(b"smiles,id\n" * (form in ("csv", "tsv")) + data)
    try:
        rows = join(list(read_rows(path, format=form, choice=Choice())))
    except MolgenError:
        return
    assert len(rows.ids) == len(rows.raw) == len(rows.lines) == len(rows.columns)


@pytest.mark.parametrize(
    ("name", "chosen"), [("a.smi", {"smiles_col": "x"}), ("a.smi", {"id_col": "x"}), ("a.sdf", {"smiles_col": "id"})]
)
def test_a_column_of_a_file_without_columns_is_refused(tmp_path, name, chosen):
    (tmp_path / name).write_text("CCO ethanol\n")
    with pytest.raises(MolgenError, match="leave it out"):
        read(tmp_path / name, **chosen)
    if name == "a.smi":
        assert read(tmp_path / name, smiles_col="smiles", id_col="id").ids == ("ethanol",)
