"""A wrong request is answered with its file, its key, what was seen and what is wanted."""

from typing import Literal

import pytest
from pydantic import Field, ValidationError, field_validator

from molgen.base.config import Config, read_toml
from molgen.base.errors import MolgenError


class Leaf(Config):
    size: int = 1
    kind: Literal["Red", "Blue"] = "Red"


class Tree(Config):
    name: str
    leaf: Leaf = Leaf()
    leaves: tuple[Leaf, ...] = ()
    share: float = Field(default=0.5, ge=0, le=1)

    @field_validator("name")
    @classmethod
    def _named(cls, name: str) -> str:
        if name == "Nobody":
            raise ValueError("Nobody is no name")
        return name


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("name = 'a'\ncolour = 1", "unknown key 'colour' ({path})\n  known: name, leaf, leaves, share"),
        ("name = 'a'\n[leaf]\ncolour = 1", "unknown key 'leaf.colour' ({path})\n  known: size, kind"),
        ("name = 'a'\n[[leaves]]\n[[leaves]]\nx = 1", "unknown key 'leaves.1.x' ({path})\n  known: size, kind"),
        ("share = 0.5", "name: field required ({path})"),
        ("name = 'a'\nshare = 2", "share: input should be less than or equal to 1, got 2 ({path})"),
        ("name = 'a'\n[leaf]\nkind = 'red'", "leaf.kind: input should be 'Red' or 'Blue', got 'red' ({path})"),
        ("name = 'Nobody'", "name: nobody is no name, got 'Nobody' ({path})"),
    ],
)
def test_each_wrong_key_is_named_with_its_file(tmp_path, toml, said):
    path = tmp_path / "tree.toml"
    path.write_text(toml)
    with pytest.raises(MolgenError) as error:
        Tree.from_toml(path)
    assert str(error.value) == said.format(path=path)


@pytest.mark.parametrize(("content", "said"), [(b"a = ", "not TOML"), (b"a = '\xff'", "not TOML"), (b"a = 1\na = 2", "not TOML")])
def test_a_slip_of_syntax_names_the_file(tmp_path, content, said):
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    with pytest.raises(MolgenError, match=said) as error:
        read_toml(path)
    assert error.value.where == str(path)


def test_a_missing_file_and_a_folder_are_request_errors(tmp_path):
    for path in (tmp_path / "absent.toml", tmp_path):
        with pytest.raises(MolgenError):
            read_toml(path)


def test_a_byte_order_mark_is_no_slip_of_syntax(tmp_path):
    (tmp_path / "x.toml").write_bytes(b"\xef\xbb\xbfname = 'a'")
    assert Tree.from_toml(tmp_path / "x.toml").name == "a"


def test_a_config_cannot_be_changed():
    with pytest.raises(ValidationError):
        Leaf().size = 2
