"""One set of versions, written down three times: constraints, conda environment, ranges of the package."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(lines):
    pairs = (line.strip().removeprefix("- ").split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {canonical(name): version for name, version in pairs}


CONSTRAINTS = pinned((ROOT / "constraints.txt").read_text().splitlines())
CONDA = pinned((ROOT / "environment.yml").read_text().splitlines())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = [text for name in ("notebook", "ray", "test") for text in PROJECT["optional-dependencies"][name]]
RANGES = [Requirement(text) for text in [*PROJECT["dependencies"], *EXTRAS] if not text.startswith("molgen")]


def test_the_conda_environment_holds_the_versions_of_the_constraints():
    assert CONDA.items() <= CONSTRAINTS.items()


def test_every_direct_dependency_is_pinned_in_both_within_its_range():
    for requirement in RANGES:
        name = canonical(requirement.name)
        assert name in CONDA, f"{name} is missing in environment.yml"
        assert requirement.specifier.contains(Version(CONSTRAINTS[name])), f"{name} {CONSTRAINTS[name]} is not {requirement.specifier}"


def test_torch_is_the_version_that_was_tested():
    assert CONSTRAINTS["torch"] == "2.13.0"


def test_the_packages_that_molgen_is_built_on_are_ordinary_dependencies():
    named = {canonical(Requirement(text).name) for text in PROJECT["dependencies"]}
    assert {"rdkit", "torch", "torch-geometric", "deepchem", "pandas"} <= named
