import numpy as np
import pytest

from molgen.base.errors import MolgenError
from molgen.data.profiles import Profiles, read_profiles
from molgen.data.proteins import read_proteins


def test_numbers_are_the_profile_and_the_rest_is_left_out(tmp_path):
    (tmp_path / "lines.csv").write_text("line,tissue,EGFR,KRAS\nA,lung,1.5,\nB,skin,-2,3\nC,,,\n")
    lines = read_profiles(tmp_path / "lines.csv")
    assert lines.names == ("A", "B", "C") and lines.columns == ("EGFR", "KRAS")
    assert np.array_equal(lines.values, [[1.5, np.nan], [-2, 3], [np.nan, np.nan]], equal_nan=True)
    assert lines.ok.tolist() == [True, True, False] and lines.keys[2] == ""
    assert read_profiles(tmp_path / "lines.csv", name="tissue").names == ("lung", "skin", "")
    with pytest.raises(MolgenError, match="no column 'cell'"):
        read_profiles(tmp_path / "lines.csv", name="cell")


def test_an_index_that_pandas_wrote_is_no_name(tmp_path):
    (tmp_path / "lines.csv").write_text(",line,EGFR,KRAS\n0,A549,1.5,2\n1,HT-29,-2,3\n")
    lines = read_profiles(tmp_path / "lines.csv")
    assert lines.names == ("A549", "HT-29") and lines.columns == ("EGFR", "KRAS")
    (tmp_path / "lines.csv").write_text(",line,EGFR\n0,697,1.5\n1,22RV1,-2\n2,786,3\n")
    assert read_profiles(tmp_path / "lines.csv").names == ("697", "22RV1", "786")
    (tmp_path / "lines.csv").write_text(",EGFR,KRAS\n0,1.5,2\n1,-2,3\n")  # nothing else could name them
    assert read_profiles(tmp_path / "lines.csv").names == ("0", "1")


def test_a_table_without_numbers_is_refused(tmp_path):
    (tmp_path / "lines.csv").write_text("line,tissue\nA,lung\n")
    with pytest.raises(MolgenError, match="no profile in it"):
        read_profiles(tmp_path / "lines.csv")


def test_profiles_are_put_together_by_the_name_of_their_columns():
    one = Profiles.of(["A"], np.array([[1.0, 2.0]]), ["a", "b"])
    other = Profiles.of(["B"], np.array([[4.0, 5.0, 3.0]]), ["b", "c", "a"])
    assert one.and_those(other).values.tolist() == [[1, 2], [3, 4]]
    with pytest.raises(MolgenError, match="without 'c'"):
        other.and_those(one)


def test_names_are_text_as_they_are_written(tmp_path):
    (tmp_path / "lines.csv").write_text("line,TP53,EGFR\n007,1.0,2.0\n012,3.0,4.0\n")
    assert read_profiles(tmp_path / "lines.csv").names == ("007", "012")
    (tmp_path / "blank.csv").write_text("COSMIC,TP53\n683665,1.0\n,2.0\n684052,3.0\n")
    lines = read_profiles(tmp_path / "blank.csv")
    assert lines.names == ("683665", "", "684052") and lines.named(["684052", ""]).ok.tolist() == [True, False]


@pytest.mark.parametrize("text", ["", "name,sequence\nA,MKT\nB,MKT,more,cells\n"])
def test_what_is_no_table_is_said(tmp_path, text):
    (tmp_path / "bad.csv").write_text(text)
    for reader in (read_profiles, read_proteins):
        with pytest.raises(MolgenError, match="not a CSV"):
            reader(tmp_path / "bad.csv")


def test_lines_that_differ_in_case_alone_are_two():
    lines = Profiles.of(["TT", "tt"], np.array([[1.0], [30.0]]), ["A"])
    assert lines.named(["TT", "tt", " tT "]).values.ravel().tolist() == [1.0, 30.0, 1.0]


def test_a_header_without_the_names_column_is_refused(tmp_path):
    (tmp_path / "r.csv").write_text("EGFR,KRAS,TP53\nA549,1.5,2.5,3.5\nHeLa,4,5,6\n")
    with pytest.raises(MolgenError, match="more cells than the header has names"):
        read_profiles(tmp_path / "r.csv")


def test_a_word_among_numbers_is_missing_or_refused(tmp_path):
    path = tmp_path / "lines.csv"
    path.write_text("line,tissue,A,B\nx,lung,1.5,2\ny,skin,n.d.,3\nz,skin,2.5,NA\n")
    lines = read_profiles(path)
    assert lines.columns == ("A", "B") and np.isnan(lines.values).tolist() == [[False, False], [True, False], [False, True]]
    path.write_text("line;A;B\nx;1,5;2\ny;n.d.;3\nz;2,5;4\n")
    assert read_profiles(path).values[:, 0].tolist() == pytest.approx([1.5, np.nan, 2.5], nan_ok=True)
    path.write_text("line,A,B\nx,1.5,2\ny,high,3\nz,2.5,4\n")
    with pytest.raises(MolgenError, match="'high' is not a number") as error:
        read_profiles(path)
    assert error.value.where.endswith("column A, row 2")
