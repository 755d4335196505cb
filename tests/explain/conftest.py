"""The fitted predictors of the models' own tests."""

from tests.models.conftest import fitted, library

__all__ = ["fitted", "library"]
