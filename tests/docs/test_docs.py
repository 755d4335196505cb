"""The pages say what the code does: options, commands, names, files; the ``>>>`` examples are run as doctests beside this."""

import inspect
import re
import runpy
import shlex
import shutil
from importlib import import_module
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

import molgen
from molgen.cli.main import COMMANDS, main
from molgen.cli.options import ARGUMENT

DOCS = Path(__file__).resolve().parents[2] / "docs"
PACKAGE = DOCS.parent / "molgen"
PAGES = {str(page.relative_to(DOCS)): page.read_text(encoding="utf-8") for page in sorted(DOCS.rglob("*.md"))}

_TABLE = re.compile(r"<!-- options -->\n(.*?)<!-- end -->", re.DOTALL)
_PARTS = re.compile(r"<!-- parts: (\S+) -->\n(.*?)<!-- end -->", re.DOTALL)
_BLOCK = re.compile(r"<!-- (runs|refused) -->\n```sh\n(.*?)```", re.DOTALL)
_FILE = re.compile(r"```toml (\S+)\n(.*?)```", re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


def config_of(command: str):
    """The Config behind a command: the first argument of its `run`."""
    module = import_module(f"molgen.cli.{command}")
    return getattr(module, module.run.__annotations__["config"])


def options_table(command: str) -> str:
    """The table a verb's page holds between its two marks."""
    lines = ["| option | default | what it says |", "|---|---|---|"]
    for name, field in sorted(config_of(command).model_fields.items(), key=lambda pair: _order(pair[1])):
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        if _is_argument(field):
            said = name.upper()
        else:
            dashed = name.replace("_", "-")
            said = f"--{dashed}/--no-{dashed}" if field.annotation is bool else f"--{dashed}"
            said += f", -{extra['short']}" if extra.get("short") else ""
        shown = _shown(field.default)
        lines.append(f"| `{said}` | {shown} | {field.description} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"


def _order(field) -> int:
    """Arguments, then what must be given, then the rest, each as the Config has them."""
    return 0 if _is_argument(field) else 1 if field.is_required() else 2


def _is_argument(field) -> bool:
    return isinstance(field.json_schema_extra, dict) and ARGUMENT.items() <= field.json_schema_extra.items()


def _shown(default) -> str:
    if default is PydanticUndefined or default is ...:
        return "required"
    if default is None or default == ():
        return ""
    if isinstance(default, tuple):
        return ", ".join(f"`{one}`" for one in default)
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def parts_table(where: str) -> str:
    """The table of one registry in parts.md: each entry's options and the first line of what it says of itself."""
    registry = _found(where)
    lines = ["| name | options | what it is |", "|---|---|---|"]
    for name in registry.table:
        part = registry.load(name)
        options = part.model_fields if hasattr(part, "model_fields") else inspect.signature(part).parameters
        named = ", ".join(f"`{option}`" for option in options if option not in _HANDED_OVER)
        lines.append(f"| `{name}` | {named} | {inspect.getdoc(part).splitlines()[0]} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"


_HANDED_OVER = ("seeds", "constraints", "reference")  # what a run gives every generator


def _found(where: str):
    module, _, attribute = where.partition(":")
    return getattr(import_module(module), attribute)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """The files every block may start from: the two of index.md, and a model of one of them."""
    folder = tmp_path_factory.mktemp("shelf")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        exec(runpy.run_path(str(DOCS / "conftest.py"))["making"](), {})
    molgen.train(molgen.read(folder / "measured.csv"), "pKi", recipe="kernel", split="random", out=folder / "model")
    return folder


def run(line: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(shlex.split(line)[1:])
    return ended.value.code or 0


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if _BLOCK.search(page)])
def test_the_commands_of_a_page_do_as_it_says(name, shelf, tmp_path, monkeypatch, capsys):
    shutil.copytree(shelf, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    for file, text in _FILE.findall(PAGES[name]):
        (tmp_path / file).write_text(text, encoding="utf-8")
    for kind, block in _BLOCK.findall(PAGES[name]):
        said = ""
        for line in block.splitlines():
            if line.startswith("molgen "):
                code = run(line)
                said = capsys.readouterr().err
                assert code == {"runs": 0, "refused": 2}[kind], f"{line}\n{said}"
            elif line.startswith("# "):
                assert _words(line[2:]) in _words(said), f"{line}\nwas not said; what was: {said}"


def _words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_verbs_page_lists_the_options_it_has(command):
    found = _TABLE.search(PAGES[f"verbs/{command}.md"])
    assert found, "no <!-- options --> table"
    assert found[1] == options_table(command), "write it anew: python tests/docs/test_docs.py"


@pytest.mark.parametrize(("where", "table"), _PARTS.findall(PAGES["parts.md"]))
def test_parts_lists_what_there_is(where, table):
    assert table == parts_table(where), "write it anew: python tests/docs/test_docs.py"


def test_each_command_has_a_page_and_each_page_a_command():
    assert {name.removeprefix("verbs/").removesuffix(".md") for name in PAGES if name.startswith("verbs/")} == set(COMMANDS)


def test_every_link_leads_somewhere():
    links = [(name, link) for name, page in PAGES.items() for link in _LINK.findall(page)]
    assert not [(name, link) for name, link in links if not (DOCS / name).parent.joinpath(link).exists()]


def test_every_public_name_stands_in_the_docs():
    everything = "\n".join(PAGES.values())
    assert not [name for name in molgen.__all__ if f"mg.{name}" not in everything and f"`{name}`" not in everything]


def floors() -> dict[str, int]:
    """Room -> floor, as design.md draws the house; the annex stands above data and features, and nothing above it."""
    drawn = re.findall(r"^ +(\d+|annex) +([a-z]+)(?: \| ([a-z]+))?(?: \| ([a-z]+))?", PAGES["design.md"], re.MULTILINE)
    return {room: 99 if floor == "annex" else int(floor) for floor, *rooms in drawn for room in rooms if room}


def test_the_house_is_the_one_that_is_drawn():
    rooms = {folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").is_file()}
    assert set(floors()) == rooms


@pytest.mark.parametrize("room", floors())
def test_a_room_imports_from_floors_below_the_one_it_is_drawn_on(room):
    for path in (PACKAGE / room).glob("*.py"):
        for below in re.findall(r"^\s*(?:from|import) molgen\.([a-z]+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert below == room or floors()[below] < floors()[room], f"{path.name} imports from {below}"


REGISTRIES = {
    "featurizer": "molgen.features.base:FEATURIZERS",
    "encoder": "molgen.nn.base:ENCODERS",
    "term": "molgen.score.base:TERMS",
    "generator": "molgen.generate.base:GENERATORS",
}


@pytest.mark.parametrize("kind", REGISTRIES)
def test_the_entry_point_a_page_writes_is_one_that_is_read(kind):
    page = PAGES[f"extend/{kind}.md"]
    point = re.search(r"\[project\.entry-points\.\"(.+)\"\]\n\w+ = \"[\w.]+:(\w+)\"", page)
    assert point and point[1] == f"molgen.{_found(REGISTRIES[kind]).kind}"
    assert f"class {point[2]}(" in page


def test_every_module_a_page_names_is_there():
    named = {match for page in PAGES.values() for match in re.findall(r"`(molgen/[a-z_/]+\.py)`", page)}
    assert not [path for path in named if not (DOCS.parent / path).is_file()]


def _write() -> None:
    """The tables of options and parts into the pages."""
    filled = _PARTS.sub(lambda found: f"<!-- parts: {found[1]} -->\n{parts_table(found[1])}<!-- end -->", PAGES["parts.md"])
    (DOCS / "parts.md").write_text(filled, encoding="utf-8")
    for command in COMMANDS:
        path = DOCS / "verbs" / f"{command}.md"
        made = f"<!-- options -->\n{options_table(command)}<!-- end -->"
        path.write_text(_TABLE.sub(lambda _, made=made: made, PAGES[f"verbs/{command}.md"]), encoding="utf-8")


if __name__ == "__main__":
    _write()
