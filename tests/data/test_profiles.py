import numpy as np
import pytest

from molgen.base.errors import MolgenError
from molgen.data.profiles import Profiles, read_profiles


def test_numbers_are_the_profile_and_the_rest_is_left_out(tmp_path):
    (tmp_path / "lines.csv").write_text("line,tissue,EGFR,KRAS\nA,lung,1.5,\nB,skin,-2,3\nC,,,\n")
    lines = read_profiles(tmp_path / "lines.csv")
    assert lines.names == ("A", "B", "C") and lines.columns == ("EGFR", "KRAS")
    assert np.array_equal(lines.values, [[1.5, np.nan], [-2, 3], [np.nan, np.nan]], equal_nan=True)
    assert lines.ok.tolist() == [True, True, False] and lines.keys[2] == ""
    assert read_profiles(tmp_path / "lines.csv", name="tissue").names == ("lung", "skin", "nan")
    with pytest.raises(MolgenError, match="no column 'cell'"):
        read_profiles(tmp_path / "lines.csv", name="cell")


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
