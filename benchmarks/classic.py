"""What every chemist's notebook has: a random forest on ECFP4 counts and a support-vector machine on ECFP4 bits."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold
from sklearn.svm import SVC, SVR

from molgen.data.library import Library
from molgen.features.fingerprint import Fingerprint

CLASSIC = ("svr", "forest")
_PENALTIES = {"C": [1.0, 10.0, 100.0]}


def classic(library: Library, truth: np.ndarray, test: np.ndarray, system: str, seed: int, *, classes: bool = False) -> np.ndarray:
    """[rows] of the library, values or chances of class 1, from a model of the rows outside `test`; NaN for what is no molecule.

    The penalty of the support-vector machine is chosen by five-fold cross-validation on training rows, which are shuffled for that:
    files often have their series one after the other.
    """
    prints = library.fill(Fingerprint(kind="ecfp4", size=2048, values="counts" if system == "forest" else "bits").of(library))
    learned = ~test & library.ok
    model = _forest(seed, classes) if system == "forest" else _vectors(classes)
    model.fit(prints[learned], truth[learned])
    said = np.full(len(truth), np.nan)
    if not classes:
        said[library.ok] = model.predict(prints[library.ok])
    elif system == "forest":
        said[library.ok] = model.predict_proba(prints[library.ok])[:, 1]
    else:
        said[library.ok] = model.decision_function(prints[library.ok])  # its order is all that is asked for
    return said


def _forest(seed: int, classes: bool) -> RandomForestClassifier | RandomForestRegressor:
    forest = RandomForestClassifier if classes else RandomForestRegressor
    return forest(500, random_state=seed, n_jobs=1)


def _vectors(classes: bool) -> GridSearchCV:
    model, judge = (SVC(), "roc_auc") if classes else (SVR(epsilon=0.1), "neg_root_mean_squared_error")
    folds = (StratifiedKFold if classes else KFold)(5, shuffle=True, random_state=0)
    return GridSearchCV(model, _PENALTIES, scoring=judge, cv=folds)
