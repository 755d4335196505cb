"""Whatever the encoding, line ends and compression, the characters are the writer's; a broken archive is an error."""

import bz2
import gzip
import io
import lzma
import os
import re
import sys
import threading
import types
import zipfile
from contextlib import suppress

import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molgen.base.errors import MolgenError
from molgen.data import streams
from molgen.data.estimate import estimated_rows
from molgen.data.streams import csv_table, lines, open_text

TEXT = "smiles,id\nCCO,caf\u00e9 \u00b5M\nCCN,b\n"


def content(path) -> str:
    with open_text(path) as stream:
        return stream.read()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress])
def test_text_is_read_in_any_encoding_packed_or_not(tmp_path, encoding, pack):
    path = tmp_path / ("x.csv.gz" if pack is gzip.compress else "x.csv")
    path.write_bytes(pack(TEXT.encode(encoding)))
    assert content(path) == TEXT


def test_utf_16_of_either_byte_order_is_told_by_its_mark(tmp_path):
    for name in ("utf-16-le", "utf-16-be"):
        (tmp_path / "x").write_bytes(("\ufeff" + TEXT).encode(name))
        assert content(tmp_path / "x") == TEXT


def test_typographic_quotes_of_windows_come_out_right(tmp_path):
    (tmp_path / "x").write_bytes("\u201cname\u201d 5 \u20ac".encode("cp1252") + b"\x81")
    assert content(tmp_path / "x") == "\u201cname\u201d 5 \u20ac\x81"


MARKS = re.compile(b"|".join([b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"PK\x03\x04", *streams._MARKS.values()]))


def zstd(data: bytes) -> bytes:
    packed = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(packed, "zstd") as stream:
        stream.write(data)
    return packed.getvalue().to_pybytes()


PACKERS = {".gz": gzip.compress, ".zst": zstd, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.mark.parametrize("ending", streams.PACKED)
def test_packed_text_is_read_whatever_its_name_in_one_piece_or_in_several(tmp_path, ending):
    pack, text = PACKERS[ending], TEXT * 5_000
    for name in (f"x.csv{ending}", "x.csv"):
        (tmp_path / name).write_bytes(pack(text.encode()) + pack(TEXT.encode()))
        assert content(tmp_path / name) == text + TEXT
        assert estimated_rows(tmp_path / name, "csv") == 3 * 5_001 - 1


@pytest.mark.parametrize("ending", streams.PACKED)
def test_packed_text_that_is_cut_or_broken_is_an_error(tmp_path, ending):
    whole = PACKERS[ending](b"".join(b"C%dN\n" % n for n in range(3_000)))
    middle = len(whole) // 2
    broken = whole[:middle] + bytes(byte ^ 0x5A for byte in whole[middle : middle + 40]) + whole[middle + 40 :]
    # What Arrow packs by zstd has no checksum, so that only what can't be unpacked shows.
    for data in (*(whole[:cut] for cut in range(1, len(whole), len(whole) // 20)), whole[:-1], *([] if ending == ".zst" else [broken])):
        (tmp_path / f"x.smi{ending}").write_bytes(data)
        with pytest.raises(MolgenError, match=r"compressed file is broken|not a packed file"):
            content(tmp_path / f"x.smi{ending}")


MEMBERS = {".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.mark.parametrize("ending", MEMBERS)
def test_what_follows_a_packed_member_and_is_none_is_an_error_and_no_end(tmp_path, ending):
    one, none = MEMBERS[ending](TEXT.encode()), MEMBERS[ending](b"")
    path = tmp_path / f"x.csv{ending}"
    for data in (one + b"junk", one + b"XXX" + one[3:], one + b"B", one + bytes(3) + one):
        path.write_bytes(data)
        with pytest.raises(MolgenError, match="compressed file is broken"):
            content(path)
    path.write_bytes(none + one + none + one)
    assert content(path) == 2 * TEXT


def test_padding_of_xz_and_frames_that_zstd_skips_are_no_end(tmp_path):
    packed = lzma.compress(TEXT.encode())
    (tmp_path / "x.csv.xz").write_bytes(packed + bytes(8) + packed + bytes(300_000))
    assert content(tmp_path / "x.csv.xz") == 2 * TEXT
    (tmp_path / "x.csv.zst").write_bytes(b"\x50\x2a\x4d\x18\x04\x00\x00\x00skip" + zstd(TEXT.encode()))
    assert content(tmp_path / "x.csv.zst") == TEXT


def test_an_archive_of_files_is_said_to_be_one(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.csv", "w") as archive:
        archive.writestr("a.csv", TEXT)
    with pytest.raises(MolgenError, match="packed by zip"):
        content(tmp_path / "x.csv")


@pytest.mark.parametrize(
    "text",
    ["line;A;B\nHeLa;1,5;2\n", "line\tA\tB\nHeLa\t1.5\t2\n", "line,a|b|c,d|e|f\nHeLa,1.5,2\n", 'line,A;A;A,"B, b; b"\r\nHeLa,1.5,2\r\n'],
)
def test_a_table_is_divided_by_what_parts_header_and_row_alike(tmp_path, text):
    (tmp_path / "x.csv").write_text(text)
    assert csv_table(tmp_path / "x.csv").to_numpy().tolist() == [["HeLa", 1.5, 2]]


def test_a_table_may_come_through_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=("line;A\nHeLa;1,5\n",))
    writer.start()
    assert csv_table(tmp_path / "pipe").to_numpy().tolist() == [["HeLa", 1.5]]
    writer.join()


@given(st.binary(max_size=200).filter(lambda data: not MARKS.match(data)))
def test_no_byte_is_dropped(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "x"
    path.write_bytes(data)
    read = content(path)
    try:
        assert read == data.decode()
    except UnicodeDecodeError:
        assert sum(len(letter.encode()) if ord(letter) < 128 else 1 for letter in read) <= len(data) <= 4 * len(read)


@pytest.mark.parametrize("cut", range(0, 80, 2))
def test_a_truncated_archive_is_an_error_at_every_cut(tmp_path, cut):
    whole = gzip.compress(TEXT.encode() * 3, mtime=0)
    (tmp_path / "x.csv.gz").write_bytes(whole[: min(cut, len(whole) - 1)])
    with pytest.raises(MolgenError) as error:
        content(tmp_path / "x.csv.gz")
    assert str(tmp_path) in error.value.where and error.value.fix


@settings(max_examples=60)
@given(st.integers(0, 70), st.integers(1, 255))
def test_a_damaged_archive_is_never_read_as_if_it_were_whole(tmp_path_factory, place, flip):
    whole = bytearray(gzip.compress(TEXT.encode() * 3, mtime=0))
    place %= len(whole)
    whole[place] ^= flip
    path = tmp_path_factory.mktemp("archives") / "x.csv.gz"
    path.write_bytes(whole)
    with suppress(MolgenError):
        assert content(path) == TEXT * 3  # a flag or a clock of the header: the content is sound


def test_members_of_one_archive_are_read_one_after_the_other(tmp_path):
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"CCO\n") + gzip.compress(b"CCN\n"))
    assert content(tmp_path / "x.gz") == "CCO\nCCN\n"


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress])
def test_standard_input_is_read_packed_or_not(monkeypatch, pack):
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(pack(TEXT.encode("utf-8-sig")))))
    assert content("-") == TEXT


def test_what_is_no_readable_file_is_a_request_error(tmp_path):
    for path in (tmp_path / "absent", tmp_path):
        with pytest.raises(MolgenError):
            content(path)


@given(
    st.lists(st.tuples(st.text(alphabet="CNO \t\u00e9", max_size=5), st.sampled_from(["\n", "\r\n", "\r"])), max_size=10),
    st.text(alphabet="CN", max_size=3),
)
def test_any_line_end_ends_a_line_and_the_last_needs_none(tmp_path_factory, parts, last):
    # An empty line between CR and LF would join them to one end, as it would for any reader.
    parts = [(text or "x", end) for text, end in parts]
    path = tmp_path_factory.mktemp("lines") / "x"
    path.write_bytes(("".join(text + end for text, end in parts) + last).encode())
    with open_text(path) as stream:
        read = list(lines(stream))
    expected = [text for text, _ in parts] + ([last] if last else [])
    assert read == [(number, text, False) for number, text in enumerate(expected, start=1)]


def test_an_endless_line_is_cut_and_said_to_be(tmp_path, monkeypatch):
    monkeypatch.setattr(streams, "LINE_MAX", 10)
    (tmp_path / "x").write_text("C" * 35 + "\nCCO\n" + "N" * 10)
    with open_text(tmp_path / "x") as stream:
        assert list(lines(stream)) == [(1, "C" * 10, True), (2, "CCO", False), (3, "N" * 10, True)]


def test_a_path_that_leads_through_a_file_is_said(tmp_path):
    (tmp_path / "f.csv").write_text("smiles\nC\n")
    for path in (tmp_path / "f.csv" / "x.csv", tmp_path / ("a" * 300 + ".csv")):
        with pytest.raises(MolgenError, match="can't be read"), open_text(path):
            pass
