"""Files are whole or absent, digests stable, and no cell is run by a spreadsheet."""

import hashlib
import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from molgen.base.errors import MolgenError
from molgen.base.files import (
    check_file_place,
    check_folder_place,
    content,
    digest,
    move,
    plain,
    plain_cell,
    safe_cell,
    sha256,
    whole_file,
    write_json,
    write_text,
)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("bug")])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "result.csv"
    write_text(path, "old")
    with pytest.raises(type(error)), whole_file(path) as draft:
        draft.write_text("half of the n")
        raise error
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["result.csv"]


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_a_disk_that_fails_at_any_step_leaves_the_old_file(tmp_path, monkeypatch, step):
    path = tmp_path / "result.csv"
    write_text(path, "old")

    def fails(*args, **kwargs):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(*((os, "fsync") if step == "fsync" else (Path, step)), fails)
    with pytest.raises(OSError, match="Input/output"):
        write_text(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["result.csv"]


def test_a_new_file_is_readable_as_any_other_and_its_folder_is_made(tmp_path):
    write_text(tmp_path / "a" / "b" / "new.txt", "x")
    (tmp_path / "plain.txt").write_text("x")
    mode = stat.S_IMODE((tmp_path / "a" / "b" / "new.txt").stat().st_mode)
    assert mode == stat.S_IMODE((tmp_path / "plain.txt").stat().st_mode)


@pytest.mark.parametrize("name", ["file/x.csv", "file/a/x.csv", "folder", "nowhere/x.csv"])
def test_what_is_in_the_way_of_a_file_is_said_and_left_alone(tmp_path, name):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    for ask in (check_file_place, lambda path: write_text(path, "x")):
        with pytest.raises(MolgenError, match=r"want a f|leads nowhere"):
            ask(tmp_path / name)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder", "nowhere"] and (tmp_path / "file").read_text() == "mine"


def test_a_place_may_be_given_as_text(tmp_path):
    write_text(str(tmp_path / "new.txt"), "x")
    assert (tmp_path / "new.txt").read_text() == "x"


def test_a_link_stays_one_and_leads_to_the_new_file(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "old.txt").write_text("old")
    for name, there in (("old.txt", "old.txt"), ("dangling.txt", "new.txt")):
        (tmp_path / name).symlink_to(tmp_path / "store" / there)
        write_text(tmp_path / name, "new")
        assert (tmp_path / name).is_symlink() and (tmp_path / "store" / there).read_text() == "new"
    assert sorted(os.listdir(tmp_path)) == ["dangling.txt", "old.txt", "store"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_not_made_a_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    for ask in (check_file_place, lambda path: write_text(path, "x")):
        with pytest.raises(MolgenError, match="a pipe or a device, want a file"):
            ask(tmp_path / "pipe.csv")
    assert stat.S_ISFIFO((tmp_path / "pipe.csv").stat().st_mode)


def test_a_place_is_free_though_its_folder_is_yet_to_be_made_and_asking_makes_nothing(tmp_path, monkeypatch):
    check_file_place(tmp_path / "a" / "b" / "x.csv")
    check_folder_place(tmp_path / "a")
    monkeypatch.chdir(tmp_path)
    check_file_place(Path("x.csv"))
    assert os.listdir(tmp_path) == []


def test_moves_that_cannot_all_be_made_are_not_made(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    moves = [(tmp_path / "a", tmp_path / "old" / "a"), (tmp_path / "b", tmp_path / "a")]
    with pytest.raises(FileNotFoundError):
        move([*moves, (tmp_path / "missing", tmp_path / "b")])
    assert [(tmp_path / name).read_text() for name in ("a", "b")] == ["a", "b"]
    move(moves)
    assert (tmp_path / "a").read_text() == "b" and (tmp_path / "old" / "a").read_text() == "a"


def test_the_draft_keeps_the_suffixes_that_choose_the_format(tmp_path):
    with whole_file(tmp_path / "x.csv.gz") as draft:
        assert draft.suffixes[-2:] == [".csv", ".gz"] and draft.parent == tmp_path


def test_json_has_no_nan_and_no_numpy(tmp_path):
    write_json(
        tmp_path / "x.json", {"a": np.float32(1.5), "b": [np.nan, float("inf")], "c": np.arange(2), "d": Path("p"), 1: np.bool_(True)}
    )
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": 1.5, "b": [None, None], "c": [0, 1], "d": "p", "1": True}


def test_digests_are_known_in_advance(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    assert sha256(tmp_path / "x") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, B.1
    assert digest("a", 1) == hashlib.sha256(b'["a", 1]').hexdigest()


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.floats(allow_nan=False) | st.text(max_size=5), max_size=5))
def test_a_digest_follows_the_values_and_not_their_order_or_types(values):
    backwards = dict(reversed(values.items()))
    assert digest(values) == digest(backwards) == digest(plain(values))
    assert digest(values) != digest({**values, "one more": 1})


@given(st.text())
@example("'=1")
@example("''=1")
@example("'-1.5")
@example("'")
def test_a_cell_made_safe_is_read_back_as_it_was(text):
    assert plain_cell(safe_cell(text)) == text


@given(st.sampled_from("=+-@\t\r\n"), st.text())
def test_no_cell_is_run_as_a_formula(start, rest):
    cell = safe_cell(start + rest)
    assert cell == start + rest or cell == "'" + start + rest
    if cell[0] != "'":  # nothing in it but digits, marks of a number, and their names
        assert start in "+-" and set(cell.casefold()) <= set("0123456789.,e+- %infaty")
        assert not any(mark in cell[1:] for mark in ("++", "--", "+-", "-+", "1+", "1-"))


@pytest.mark.parametrize("text", ["-1+1", "+1-1", "-1,2,3", "--1", "-1%%", "=1", "@1", "-A1", "+e5"])
def test_what_works_something_out_is_quoted(text):
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["CCO", "-1.5", "+3", "-5,43", "-12%", "-.5", "+", "-inf", "1e-3", "[Na+]", "", "'quoted'", "a=b"])
def test_numbers_and_structures_stay_as_they_are(text):
    assert safe_cell(text) == text


@pytest.mark.parametrize("cell", ["'-1.5", "'+", "'-12%", "'=1", "''=1", "'quoted'"])
def test_a_quote_that_is_not_ours_stays(cell):
    assert plain_cell(safe_cell(cell)) == cell and safe_cell(plain_cell(cell)) == cell


def test_a_private_file_stays_private(tmp_path):
    (tmp_path / "x").write_text("old")
    (tmp_path / "x").chmod(0o600)
    write_text(tmp_path / "x", "new")
    assert (tmp_path / "x").read_text() == "new" and stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o600


def test_a_word_may_be_a_file_or_not(tmp_path):
    (tmp_path / "a").write_text("x")
    assert content(tmp_path / "a") == sha256(tmp_path / "a")
    assert [content(word) for word in ("C" * 5000, "a\0b", "", tmp_path)] == [None] * 4
