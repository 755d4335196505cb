"""A table of strings: listing imports nothing, and a wrong name or option is answered with the right ones."""

import sys
from importlib.metadata import EntryPoint

import pytest

from molgen.base import registry
from molgen.base.errors import MolgenError
from molgen.base.registry import Registry

SHAPES = Registry("shape", {"path": "pathlib:PurePosixPath", "fraction": "fractions:Fraction", "absent": "nowhere_at_all:Thing"})


@pytest.fixture
def guest(monkeypatch):
    points = [EntryPoint("theirs", "guest_of_molgen:Theirs", "molgen.shape"), EntryPoint("path", "guest_of_molgen:Path", "molgen.shape")]
    monkeypatch.setattr(registry, "entry_points", lambda group: [point for point in points if point.group == group])
    registry._guests.cache_clear()
    yield
    registry._guests.cache_clear()


def test_a_near_miss_is_answered_with_the_name_meant():
    with pytest.raises(MolgenError) as error:
        SHAPES.load("fracton")
    assert str(error.value) == "no shape is called 'fracton'\n  did you mean 'fraction'?"


def test_a_far_miss_is_answered_with_all_names():
    with pytest.raises(MolgenError, match="there are: absent, fraction, path"):
        SHAPES.load("zzz")


def test_an_unknown_option_is_answered_with_the_known_ones():
    with pytest.raises(MolgenError) as error:
        SHAPES.build("fraction", {"numerator": 1, "colour": "red"})
    assert "shape 'fraction' has no option 'colour'" in str(error.value) and "it takes: numerator, denominator" in str(error.value)


def test_options_are_the_constructors():
    assert SHAPES.build("fraction", {"numerator": 1, "denominator": 2}) * 2 == 1


def test_listing_imports_nothing_and_a_broken_entry_breaks_only_itself():
    sys.modules.pop("fractions", None)
    assert list(SHAPES) == ["path", "fraction", "absent"] and len(SHAPES) == 3 and "absent" in SHAPES
    assert "fractions" not in sys.modules
    assert SHAPES.load("fraction").__name__ == "Fraction"
    with pytest.raises(ModuleNotFoundError):
        SHAPES.load("absent")


def test_guests_are_listed_and_not_imported_and_never_replace_ours(guest):
    assert SHAPES["theirs"] == "guest_of_molgen:Theirs"
    assert SHAPES["path"] == "pathlib:PurePosixPath"
    assert "guest_of_molgen" not in sys.modules
