"""The house keeps its own rules: floors, guests in their rooms, nothing unpickled, nothing hidden, nothing printed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from molgen.base.registry import Registry

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "molgen").rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in FILES]

# A room imports from floors strictly below; rooms on one floor are strangers.
FLOORS = {
    **{"base": 1, "chem": 2, "data": 3, "features": 4, "nn": 5, "models": 6},
    **{"score": 7, "generate": 8, "screen": 8, "search": 8, "explain": 9, "report": 10, "campaign": 11, "cli": 12},
}
ANNEX = "interop"  # guests by name: uses any room but the command line, and no room uses it
FACADE = {"molgen/__init__.py", "molgen/__main__.py"}

# Heavy packages, and the only rooms that may import them.
GUESTS = {
    "rdkit": {"chem", "data", "features", "models", "score", "generate", "explain", ANNEX},
    "chembl_structure_pipeline": {"chem"},
    "pandas": {"data", "models", "score", "generate", "screen", "search", "explain", "report", "campaign", ANNEX},
    "pyarrow": {"data", "models", "screen"},
    "numba": {"chem", "features"},
    "llvmlite": {"features"},
    "torch": {"nn", "models"},
    "torch_geometric": {"nn", "models"},
    "lightning_fabric": {"nn"},
    "safetensors": {"nn", "models"},
    "lightgbm": {"models"},
    "catboost": {"models"},
    "sklearn": {"models", "report"},
    "scipy": {"models"},
    "pyopal": {"data"},
    "openpyxl": {"data"},
    "xlsxwriter": {"data"},
    "scoring_matrices": {"data"},
    "deepchem": {ANNEX},
    "ray": {ANNEX},
    "vina": {ANNEX},
    "jinja2": {"report"},
    "typer": {"cli"},
    "rich": {"cli"},
}
NEVER_IMPORTED = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "yaml"}
NEVER_CALLED = {"eval", "exec", "torch.load", "yaml.load", "pandas.read_pickle", "pd.read_pickle", "__import__", "compile"}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def room(path: Path) -> str:
    parts = path.relative_to(ROOT / "molgen").parts
    return parts[0] if len(parts) > 1 else ""


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """(line, module) of every import, those inside functions and for type checkers too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively, and so hides its floor"
            yield node.lineno, node.module or ""
            if node.module == "molgen":
                yield from ((node.lineno, f"molgen.{alias.name}") for alias in node.names)


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def calls(path: Path) -> Iterator[tuple[int, str, ast.Call]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, dotted(node.func), node


def parametrized(claim):
    return pytest.mark.parametrize("path", FILES, ids=NAMES)(claim)


def test_every_room_has_a_floor_and_the_design_says_which():
    assert {room(path) for path in FILES} - {"", ANNEX} <= set(FLOORS)
    written = re.findall(
        r"^ +(\d+)  ([a-z]+(?: \| [a-z]+)*)(?: |$)", (ROOT / "docs" / "design.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {name: int(floor) for floor, names in written for name in names.split(" | ")} == FLOORS


@parametrized
def test_a_room_imports_only_from_floors_below(path):
    own = room(path)
    if str(path.relative_to(ROOT)) in FACADE:
        return
    for line, module in imported(path):
        if module == "molgen" or module.startswith("molgen."):
            other = module.split(".")[1] if "." in module else ""
            allowed = other != "cli" if own == ANNEX else other == own or FLOORS.get(other, 99) < FLOORS[own]
            assert allowed, f"line {line}: {own} imports {module}"


@parametrized
def test_guests_stay_in_their_rooms(path):
    for line, module in imported(path):
        rooms = GUESTS.get(module.split(".")[0])
        assert rooms is None or room(path) in rooms, f"line {line}: {module} belongs to {sorted(rooms or ())}"


@parametrized
def test_nothing_is_unpickled_or_evaluated(path):
    for line, module in imported(path):
        assert module.split(".")[0] not in NEVER_IMPORTED, f"line {line}: {module}"
    for line, name, call in calls(path):
        assert name not in NEVER_CALLED and not name.endswith((".read_pickle", ".to_pickle")), f"line {line}: {name}"
        assert not any(keyword.arg == "allow_pickle" for keyword in call.keywords), f"line {line}: {name} with allow_pickle"
        assert not any(keyword.arg == "shell" for keyword in call.keywords), f"line {line}: {name} with a shell"


@parametrized
def test_errors_are_caught_by_name(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}: bare except"
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            assert not {dotted(name) for name in caught} & {"Exception", "BaseException"}, f"line {node.lineno}: catches everything"


@parametrized
def test_only_the_command_line_prints(path):
    if room(path) != "cli":
        assert not [line for line, name, _ in calls(path) if name == "print"]


@parametrized
def test_a_file_is_one_idea_long(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@parametrized
def test_every_public_name_says_what_comes_back(path):
    module = tree(path)
    assert not module.body or ast.get_docstring(module), "the module says nothing"
    for node in module.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"line {node.lineno}: {node.name} says nothing"


@parametrized
def test_importing_a_module_computes_nothing(path):
    allowed = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.If, ast.Expr)
    for node in tree(path).body:
        assert isinstance(node, allowed), f"line {node.lineno}: {type(node).__name__} at module level"
        if isinstance(node, ast.Expr):
            assert isinstance(node.value, ast.Constant), f"line {node.lineno}: something is done on import"
        if isinstance(node, ast.If):
            assert dotted(node.test) == "TYPE_CHECKING" or path.name == "__main__.py", (
                f"line {node.lineno}: the import depends on something"
            )


def registries() -> list[tuple[str, Registry]]:
    """Every table of plug-ins there is: found by reading the code, so that a new one needs no line here."""
    found = []
    for path in FILES:
        for node in tree(path).body:
            value = getattr(node, "value", None)
            if isinstance(value, ast.Call) and dotted(value.func) == "Registry":
                (target,) = node.targets if isinstance(node, ast.Assign) else (node.target,)
                module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                found.append((f"{module}:{target.id}", getattr(import_module(module), target.id)))
    return found


def test_every_entry_of_every_table_exists_and_is_a_string_of_this_house():
    tables = registries()
    assert {"molgen.base.parallel:EXECUTORS", "molgen.models.base:PREDICTORS", "molgen.features.base:FEATURIZERS"} <= {
        name for name, _ in tables
    }
    for name, registry in tables:
        for entry, where in registry.table.items():
            assert where.startswith("molgen.") and ":" in where, f"{name}[{entry}]"
            assert callable(registry.load(entry)), f"{name}[{entry}]"


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT).stdout


def test_importing_molgen_loads_nothing_heavy_and_takes_no_time():
    code = "import time; began = time.process_time(); import molgen, sys; print(time.process_time() - began, *sys.modules)"
    seconds, *loaded = python(code).split()
    assert not {name.split(".")[0] for name in loaded} & {*GUESTS, "numpy"}
    assert float(seconds) < 1


def test_the_first_floor_brings_no_chemistry_and_no_network():
    modules = ", ".join(f"molgen.base.{path.stem}" for path in FILES if room(path) == "base" and path.stem != "__init__")
    loaded = {name.split(".")[0] for name in python(f"import {modules}, sys; print(*sys.modules)").split()}
    assert not loaded & (set(GUESTS) - {"typer", "rich"})


@pytest.mark.parametrize("module", ["chem", "data", "features", "score", "generate", "screen", "report"])
def test_torch_is_loaded_by_no_room_that_can_do_without(module):
    names = ", ".join(f"molgen.{module}.{path.stem}" for path in FILES if room(path) == module and path.stem != "__init__")
    loaded = {name.split(".")[0] for name in python(f"import {names}, sys; print(*sys.modules)").split()}
    assert not loaded & {"torch", "torch_geometric", "lightning_fabric", "lightgbm", "deepchem"}
