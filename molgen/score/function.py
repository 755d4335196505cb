"""A function or a fitted model of your own as a term."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any, cast, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.features.base import Featurizer
from molgen.features.descriptor import Descriptors
from molgen.features.fingerprint import Fingerprint, Kind
from molgen.score.base import Reading, Term
from molgen.score.identity import identity

_FROM_FILE = 'give it in Python; in a file: term = "program", command = ["python", "score.py"]'
_SMILES = "smiles"
_NAMED = (_SMILES, *get_args(Kind), "descriptors")
_USUAL_SIZES = (256, 512, 1024, 2048, 4096, 8192, 16384)  # columns of a fingerprint; with others a model was taught by something else


class Function(Term):
    """Any Python function of SMILES, or a fitted model in the manner of scikit-learn, so that what you have is a term in one line.

    `call` is a function of a list of SMILES that gives a number for each, or an object with `predict`; of a classifier of two
    classes it is the chance of the second. `features` is what it is handed: `"smiles"` (what a function gets), `"ecfp4"` (what an
    object gets that has `fit` too: Morgan of radius 2, in as many bits as it was taught, or 2,048), another fingerprint of ours by
    name, `"descriptors"` (RDKit's, all), a `Featurizer`, or a function of a list of SMILES that gives a row of numbers for each.

    A screen that resumes knows the function by its code, its defaults and what it encloses, an object by its class and state:
    changed, it is another objective. Not seen are the globals that it reads and the functions it calls by name; after a change
    there, give another `name` or another folder.

    >>> Function(call=lambda smiles: [len(text) for text in smiles], name="length").read(Library.of(["CCO", "C1"])).mean.tolist()
    [3.0, nan]
    >>> from sklearn.ensemble import RandomForestRegressor
    >>> forest = RandomForestRegressor(5, random_state=0).fit(Fingerprint()(Library.of(["CCO", "CCCC", "CCN"]).mols), [1.0, 1.0, 1.0])
    >>> Function(call=forest).read(Library.of(["CCO", "c1ccccc1"])).mean.tolist()
    [1.0, 1.0]
    """

    exact = True

    def __init__(
        self,
        *,
        call: Callable[..., Any] | Any,
        features: str | Featurizer | Callable[[list[str]], Any] | None = None,
        name: str = "",
    ) -> None:
        model = _model(call)
        if model is None and (not callable(call) or (isinstance(call, type) and hasattr(call, "predict"))):
            wanted = "want a function of a list of SMILES, or a fitted model with `predict`"
            raise MolgenError(f"call is {call!r}, {wanted}", where=f"term {name or 'function'!r}", fix=_FROM_FILE)
        if model is not None and not _is_fitted(model):
            raise MolgenError(f"{type(model).__name__} has not been fitted", where=f"term {name or 'function'!r}", fix="fit it first")
        super().__init__(name=name or _name(call, model), about="")
        self._say = call if model is None else _saying(call, model)
        self._guessed = model is not None and features is None and not _is_taught(model)  # that it takes SMILES
        usual = "ecfp4" if model is not None and _is_taught(model) else _SMILES
        self._features = self._understood(usual if features is None else features, model)
        called = getattr(call, "__qualname__", type(call).__qualname__)
        self.about = f"function {called} {identity(call)}{self._of()}"

    def measure(self, distinct: Library) -> Reading:
        handed = self._handed(distinct)
        return Reading.exact(self._numbers(self._said(handed), len(distinct)))

    def _said(self, handed: Any) -> Any:
        if not self._guessed:
            return self._say(handed)
        try:
            return self._say(handed)
        except (TypeError, ValueError) as error:
            fix = "say by `features` what it was taught: ecfp4, descriptors, or a function of a list of SMILES"
            raise MolgenError(f"its `predict` does not take SMILES: {error}", where=f"term {self.name!r}", fix=fix) from error

    def _understood(self, features: Any, model: Any) -> Any:
        """`"smiles"`, a `Featurizer`, or a function, checked against what the model was taught."""
        taught = getattr(model, "n_features_in_", None)
        if isinstance(features, str):
            if features not in _NAMED:
                fix = f"there are: {', '.join(_NAMED)}; or a function of a list of SMILES"
                raise MolgenError(f"no features are called {features!r}", where=f"term {self.name!r}", fix=fix)
            if features == _SMILES:
                return features
            size = taught if taught in _USUAL_SIZES else 2048
            features = Descriptors(set="full") if features == "descriptors" else Fingerprint(kind=cast(Kind, features), size=size)
        if isinstance(features, Featurizer):
            if taught is not None and taught != features.width:
                raise MolgenError(
                    f"the model was taught {taught} columns, {features.key} gives {features.width}",
                    where=f"term {self.name!r}",
                    fix="say by `features` what it was taught: a name, or a function of a list of SMILES that gives a row for each",
                )
        elif not callable(features):
            raise MolgenError(f"features is {features!r}, want a name or a function of a list of SMILES", where=f"term {self.name!r}")
        return features

    def _of(self) -> str:
        """What it is handed, as far as that is not usual; in words that tell two apart."""
        if self._features == _SMILES:
            return ""
        return f" of {self._features.key if isinstance(self._features, Featurizer) else identity(self._features)}"

    def _handed(self, distinct: Library) -> Any:
        if isinstance(self._features, Featurizer):
            return self._features(distinct.mols)
        smiles = list(distinct.smiles)
        return smiles if self._features == _SMILES else self._features(smiles)

    def _numbers(self, said: Any, molecules: int) -> NDArray[np.float64]:
        """[molecules], NaN where none was given."""
        fix = "return a number for each SMILES, in their order"
        if isinstance(said, (str, Set, Mapping)):
            raise MolgenError(f"the function gave a {type(said).__name__}", where=f"term {self.name!r}", fix=fix)
        if isinstance(said, Iterator):
            said = list(said)  # what goes wrong here is the function's own error
        try:
            told = said.to_numpy(dtype=np.float64, na_value=np.nan) if isinstance(said, (pd.Series, pd.DataFrame)) else list(said)
            values = np.asarray(told, dtype=np.float64)
        except (TypeError, ValueError, RuntimeError):
            problem = f"the function gave a {type(said).__name__} that is no row of numbers"
            raise MolgenError(problem, where=f"term {self.name!r}", fix=f"{fix}; of classes with names, a chance") from None
        if values.shape not in ((molecules,), (molecules, 1)):  # a column is what some libraries' models predict
            raise MolgenError(f"{molecules} molecules gave an array of shape {values.shape}", where=f"term {self.name!r}")
        values = values.ravel()
        return np.where(np.isfinite(values), values, np.nan)  # a docking that failed, the logarithm of 0


def _model(call: Any) -> Any:
    """The fitted model that is meant: the object itself, or the one whose `predict` was handed over."""
    owner = getattr(call, "__self__", call)
    if isinstance(owner, type) or not callable(getattr(owner, "predict", None)):
        return None
    if owner is call:
        return call if _is_taught(call) or not callable(call) else None
    # Any other method, or one of an object of your own, is a function of SMILES like others.
    return owner if _is_taught(owner) and call.__name__ in ("predict", "predict_proba") else None


def _is_taught(model: Any) -> bool:
    """Whether it is one of scikit-learn's kind, taught by rows of numbers."""
    return callable(getattr(model, "fit", None))


def _is_fitted(model: Any) -> bool:
    """As the object itself says; one of scikit-learn's that has nothing but its settings has learned nothing. Others are taken to be."""
    if callable(says := getattr(model, "__sklearn_is_fitted__", None)):
        return bool(says())
    settings, tags = getattr(model, "get_params", None), getattr(model, "__sklearn_tags__", None)
    state = set(getattr(model, "__dict__", ()))
    if not state or not callable(settings) or (callable(tags) and not tags().requires_fit):
        return True
    return bool(state - set(settings(deep=False)))


def _saying(call: Any, model: Any) -> Callable[[Any], Any]:
    """What gives the numbers: of two classes, the chance of the second."""
    if len(getattr(model, "classes_", ())) == 2 and callable(getattr(model, "predict_proba", None)):
        return lambda handed: np.asarray(model.predict_proba(handed))[:, 1]
    return model.predict if call is model else call


def _name(call: Any, model: Any) -> str:
    """As it is called where it was written; of a lambda nobody knows."""
    own = type(model).__name__ if model is not None else getattr(call, "__name__", type(call).__name__)
    return own if own.isidentifier() else "function"
