"""From a library of molecules to ranked, trustworthy hits and novel proposals.

    import molgen as mg
    library = mg.read("library.smi")
    model = mg.train(mg.read("measured.csv"), "pKi")
    print(model.predict(library).to_frame())

Importing molgen loads nothing heavy: each name below is fetched the first time it is used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for editors and type checkers; at run time `__getattr__` does the same, late
    from molgen.base.errors import MolgenError as MolgenError
    from molgen.data.catalogue import load as dataset
    from molgen.data.library import Library as Library
    from molgen.data.prepare import prepare as prepare
    from molgen.data.readers import read as read
    from molgen.explain.run import explain as explain
    from molgen.generate.run import generate as generate
    from molgen.models.evaluate import evaluate as evaluate
    from molgen.models.predict import load as load
    from molgen.models.predict import predict as predict
    from molgen.models.predictions import Predictions as Predictions
    from molgen.models.predictor import Predictor as Predictor
    from molgen.models.recipe import RecipeConfig as RecipeConfig
    from molgen.models.train import train as train
    from molgen.nn.batch import featurize as featurize
    from molgen.report.card import card as card
    from molgen.report.page import report as report
    from molgen.score.objective import Objective as Objective
    from molgen.score.ranking import Ranking as Ranking
    from molgen.screen.run import screen as screen
    from molgen.search.run import search as search

_WHERE = {
    "Library": "molgen.data.library:Library",
    "MolgenError": "molgen.base.errors:MolgenError",
    "Objective": "molgen.score.objective:Objective",
    "Predictions": "molgen.models.predictions:Predictions",
    "Predictor": "molgen.models.predictor:Predictor",
    "Ranking": "molgen.score.ranking:Ranking",
    "RecipeConfig": "molgen.models.recipe:RecipeConfig",
    "card": "molgen.report.card:card",
    "dataset": "molgen.data.catalogue:load",
    "evaluate": "molgen.models.evaluate:evaluate",
    "explain": "molgen.explain.run:explain",
    "featurize": "molgen.nn.batch:featurize",
    "generate": "molgen.generate.run:generate",
    "load": "molgen.models.predict:load",
    "predict": "molgen.models.predict:predict",
    "prepare": "molgen.data.prepare:prepare",
    "read": "molgen.data.readers:read",
    "report": "molgen.report.page:report",
    "screen": "molgen.screen.run:screen",
    "search": "molgen.search.run:search",
    "train": "molgen.models.train:train",
}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'molgen' has no attribute {name!r}")
    module, _, attribute = _WHERE[name].partition(":")
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return __all__


class _Facade(ModuleType):
    """Four rooms (`screen`, `search`, `generate`, `report`) are called like their verbs: here the verb has the name.

    Importing a room would set it as an attribute of this module; that one write is let go. The room
    itself stays importable, as ``from molgen.screen.run import ...``.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _WHERE and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Facade
