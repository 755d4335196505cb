"""What a `recipe.toml` says: which predictor, with which options, over how many folds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, ValidationError, field_validator

from molgen.base.config import Config
from molgen.base.errors import MolgenError, meant
from molgen.data.library import Library
from molgen.models.base import PREDICTORS, Model, Recipe


class RecipeConfig(Config):
    """A predictor by name, its options, and the folds by which it is judged while it is fitted."""

    predictor: str = Field("blend", description="A name in `molgen list predictors`")
    options: dict[str, Any] = Field({}, description="What that predictor takes")
    folds: int = Field(5, ge=2, le=20, description="Parts the training molecules are held out in, one after another")
    # Random by default: a potency series is asked about its next analogue, and with whole scaffolds held out
    # one blends for, and promises intervals for, a question that is not put. For new chemistry: scaffold.
    fold_method: Literal["random", "scaffold", "cluster", "partner"] = Field("random", description="What stays together in a fold")

    @field_validator("options", mode="before")
    @classmethod
    def _plain(cls, options: Any) -> Any:
        """As a file holds them: numbers and lists of numpy as Python's, what is None left to its default."""
        return _written(options)

    def build(self) -> Recipe:
        """The recipe; an option it does not take, or of the wrong type, is named."""
        return build(self.predictor, self.options)


def _written(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _written(item) for key, item in value.items() if item is not None}
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    return [_written(item) for item in value] if isinstance(value, (list, tuple)) else value


def build(predictor: str, options: dict[str, Any]) -> Recipe:
    """The recipe of that name with these options."""
    try:
        return PREDICTORS.build(predictor, options)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        raise MolgenError(f"{key}: {problem['msg'].lower()}, got {problem['input']!r}", where=f"options of {predictor!r}") from None


def read_model(predictor: str, folder: Path) -> Model:
    """The fitted model of that predictor in a folder."""
    if predictor not in PREDICTORS:
        raise MolgenError(
            f"not a model of ours: no predictor is called {predictor!r}", where=str(folder), fix=f"there are: {', '.join(PREDICTORS)}"
        )
    return PREDICTORS.load(predictor).read(folder)


# The blend's network is not the one that stands alone: it errs elsewhere than its companions when it reads the same fragments
# as they do, and five folds' networks know where they disagree. It costs six times as much a molecule.
POTENCY: dict[str, dict[str, Any]] = {
    "kernel": {},
    "boosting": {},
    "network": {
        "single": False,
        "network": {"width": 64},
        "beside": {"fingerprints": ["ecfp4", "fcfp6", "atom_pair", "torsion"], "size": 1024, "descriptors": True},
    },
}

# What errs differently, each with as many molecules as it is good for or can bear: two makes of trees on everything there is
# to count, a Gaussian process, a network led by fragments for small sets and one led by the graph for larger ones. Sums over
# atoms there, not means: properties grow with size. Most of what a molecule costs is the full set of descriptors.
_EVERYTHING: dict[str, Any] = {"predictor": "boosting", "bag": 1, "size": 1024, "descriptors": "full", "pharmacophore": True}
BEST: dict[str, dict[str, Any]] = {
    "random trees": {**_EVERYTHING, "fingerprints": ["ecfp4", "fcfp6", "atom_pair", "avalon"]},
    "careful trees": {
        **_EVERYTHING,
        "fingerprints": ["ecfp4", "avalon"],
        "random_thresholds": False,
        "columns_a_tree": 0.2,
        "trees": 600,
        "learning_rate": 0.03,
    },
    "kernel": {"fingerprints": {"ecfp4": 1.0, "fcfp6": 1.0, "atom_pair": 2.0, "avalon": 2.0}, "descriptors": 0.3, "rows": [0, 6000]},
    "fragment network": {**POTENCY["network"], "predictor": "network", "rows": [0, 3000]},
    "graph network": {
        "predictor": "network",
        "single": False,
        "network": {"width": 200, "dropout": 0.1, "encoder_options": {"readout": "sum", "depth": 4}},
        "beside": {"fingerprints": [], "descriptors": True},
        "rows": [500, 10_000_000],
    },
}

# The same leaning on what networks of ours that know fifty endpoints say of a molecule: for properties of the kind they know.
# Closeness goes by that alone, since molecules alike in fifty properties are mostly alike in the next. A network of its own
# learns more than those have to tell from a large set only.
_PROFILE: dict[str, Any] = {"profile": "admet-fast"}
INFORMED: dict[str, dict[str, Any]] = {
    "random trees": {**BEST["random trees"], **_PROFILE},
    "careful trees": {**BEST["careful trees"], **_PROFILE},
    "kernel": {**BEST["kernel"], **_PROFILE, "descriptors": 0.6},
    "graph network": {**BEST["graph network"], "rows": [3000, 10_000_000]},
}

# For a table of many endpoints, most of them measured on few of its molecules: one network learns all of them at once, so that the
# small ones lean on what the large ones taught it, and trees learn each by itself.
_SHARED: dict[str, Any] = {
    "single": False,
    "network": {
        "width": 200,
        "dropout": 0.1,
        "encoder_options": {"readout": "sum", "depth": 4},
        "evenness": 0.25,
        "epochs": 12,
        "batch_size": 64,
    },
    "beside": {"fingerprints": [], "descriptors": "quick"},
}
PANEL: dict[str, dict[str, Any]] = {"network": {"predictor": "network", **_SHARED}, "trees": BEST["random trees"]}

# Half the time of the trees of `potency`; beside the kernel the difference is not seen.
FAST: dict[str, Any] = {"bag": 1, "trees": 250, "learning_rate": 0.06, "size": 1024}

# For pairs: a process over the grid, trees, which make something else of new molecules where few are known, and at many times the cost a
# network, which does of new pairs. Who is who is for the process to know; told to the network, it learns the training pairs by heart.
_DEEP: dict[str, Any] = {
    "width": 384,
    "deep": [384, 192],
    "dropout": 0.3,
    "noise": 0.2,
    "batch_size": 512,
    "epochs": 40,
    "learning_rate": 1e-3,
    "averaging": 0.998,
}
# Of a hundred molecules the whole tells more than fragments do.
PAIRS: dict[str, dict[str, Any]] = {
    "pair_kernel": {"descriptors": 0.5},
    "pair_boosting": {"bag": 1, "descriptors": "full", **_PROFILE},
}
PAIRS_BEST: dict[str, dict[str, Any]] = {**PAIRS, "pair_network": {"network": _DEEP}}

# To fill in a panel: molecules and partners are known, and what each has shown elsewhere says most of a pair. Networks see structure only.
PAIRS_KNOWN: dict[str, dict[str, Any]] = {
    "pair_kernel": {"identities": True, "new": "pairs", "scored": True},
    "pair_neighbours": {},
    "pair_network": {
        "ligand": {"fingerprints": ["ecfp4"], "size": 2048, "descriptors": False},
        "network": {**_DEEP, "width": 512, "rank": 512, "deep": [512, 256], "epochs": 60},
    },
}

# `potency` is what the demo uses. Weights and settings were chosen by cross-validation on training parts only.
PRESETS: dict[str, RecipeConfig] = {
    "best": RecipeConfig(predictor="blend", options={"members": BEST}, fold_method="scaffold"),
    "informed": RecipeConfig(predictor="blend", options={"members": INFORMED}, fold_method="scaffold"),
    "potency": RecipeConfig(predictor="blend", options={"members": POTENCY}),
    "fast": RecipeConfig(predictor="blend", options={"members": {"kernel": {}, "boosting": FAST}}),
    "panel": RecipeConfig(predictor="blend", options={"members": PANEL}, fold_method="scaffold"),
    "panel-fast": RecipeConfig(predictor="network", options=_SHARED, fold_method="scaffold"),
    "network": RecipeConfig(predictor="network"),
    "ensemble": RecipeConfig(predictor="network", options={"single": False}),
    "boosting": RecipeConfig(predictor="boosting"),
    "kernel": RecipeConfig(predictor="kernel"),
    "mean": RecipeConfig(predictor="mean"),
    "pairs": RecipeConfig(predictor="blend", options={"members": PAIRS}, fold_method="scaffold"),
    "pairs-best": RecipeConfig(predictor="blend", options={"members": PAIRS_BEST}, fold_method="scaffold"),
    "pairs-fast": RecipeConfig(predictor="pair_kernel", fold_method="scaffold"),
    "pairs-known": RecipeConfig(predictor="blend", options={"members": PAIRS_KNOWN}, fold_method="random"),
}


def preset(name: str) -> RecipeConfig:
    """The recipe that goes by this name.

    >>> preset("kernel").predictor
    'kernel'
    """
    if name not in PRESETS:
        raise MolgenError(f"no preset is called {name!r}", fix=meant(name, PRESETS))
    return PRESETS[name]


def usual(library: Library) -> str:
    """The preset for such rows, if nobody names one."""
    return "potency" if library.partners is None else "pairs"


def to_toml(table: dict[str, Any], *, path: tuple[str, ...] = ()) -> str:
    """A table of plain values as TOML, tables last; what the standard library reads but does not write.

    >>> print(to_toml({"a": 1, "b": {"c": [True, "x"]}}))
    a = 1
    <BLANKLINE>
    [b]
    c = [true, "x"]
    """
    lines = [f"{_key(key)} = {_value(value)}" for key, value in table.items() if not isinstance(value, dict)]
    for key, value in table.items():
        if isinstance(value, dict):
            inner = (*path, _key(key))
            lines += ["", f"[{'.'.join(inner)}]", to_toml(value, path=inner)]
    return "\n".join(line for i, line in enumerate(lines) if line or i).rstrip("\n") if lines else ""


def _key(key: str) -> str:
    bare = bool(key) and all(letter.isascii() and (letter.isalnum() or letter in "_-") for letter in key)
    return key if bare else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return f"{value:.1f}"
    if isinstance(value, (bool, int, float, str)):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    raise MolgenError(f"{value!r} cannot be written as TOML")
