"""A table of strings: listing imports nothing, and a wrong name or option is answered with the right ones."""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from molgen.base import registry
from molgen.base.errors import MolgenError
from molgen.base.registry import Registry

SHAPES = Registry("shape", {"path": "pathlib:PurePosixPath", "fraction": "fractions:Fraction", "absent": "nowhere_at_all:Thing"})



class Part:
    """Something with an option of every type that is looked at."""

    def __init__(
        self,
        *,
        flag: bool = True,
        count: int = 1,
        share: float = 0.5,
        text: str = "",
        want: Literal["present", "absent"] = "present",
        file: str | Path = "",
        limit: int | None = None,
        call: Callable[[str], int] = len,
        names: Sequence[str] = (),
        pair: tuple[int, str] = (1, ""),
        many: Mapping[str, Any] | Sequence[str] = (),
        anything: "Registry | None" = None,
    ) -> None:
        pass


PARTS = Registry("part", {"part": f"{__name__}:Part"})


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


@pytest.mark.parametrize(
    "options",
    [
        {"flag": False}, {"count": 3}, {"count": np.int64(3)}, {"share": 1}, {"share": 0.1}, {"share": np.float32(0.1)}, {"text": "a"},
        {"want": "absent"}, {"file": "a"}, {"file": Path("a")}, {"limit": None}, {"limit": 3}, {"call": str.upper},
        {"names": ["a", "b"]}, {"names": ("a",)}, {"names": "a"}, {"names": np.array(["a"])}, {"pair": (1, "a")}, {"many": {"a": 1}},
        {"many": ["a"]}, {"anything": None}, {"anything": PARTS},
    ],
)  # fmt: skip
def test_an_option_of_its_type_is_taken(options):
    assert isinstance(PARTS.build("part", options), Part)


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("flag", "no", "true or false"), ("flag", "False", "true or false"), ("flag", 0, "true or false"),
        ("count", "abc", "a whole number"), ("count", 1.5, "a whole number"), ("count", True, "a whole number"),
        ("share", "x", "a number"), ("text", 5, "text"),
        ("want", "here", "'present' or 'absent'"), ("file", 5, "text or a path"), ("limit", "x", "a whole number or nothing"),
        ("call", "len", "a function"), ("names", [5], "a list, each text"), ("names", 5, "a list, each text"),
        ("many", 5, "a table or a list"),
    ],
)  # fmt: skip
def test_an_option_of_another_type_is_refused_with_the_type_wanted(option, value, wanted):
    with pytest.raises(MolgenError) as error:
        PARTS.build("part", {option: value})
    assert f"part 'part': {option} is {value!r}, want {wanted}" in str(error.value)


def test_a_name_that_is_no_text_is_answered_too():
    with pytest.raises(MolgenError, match="no part is called 5"):
        PARTS.load(5)


def test_a_guest_that_cannot_be_imported_is_named_with_its_place(monkeypatch):
    broken = {"broken": "nowhere_at_all:Thing", "hollow": "pathlib:NoSuchThing"}
    monkeypatch.setattr(registry, "_guests", lambda kind: broken)
    for name in broken:
        with pytest.raises(MolgenError, match=f"shape '{name}' of another package can't be imported"):
            SHAPES.load(name)
    with pytest.raises(ModuleNotFoundError):  # ours is our bug
        SHAPES.load("absent")
