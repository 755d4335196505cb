"""What a molecule does to everything a model knows: a line each, strongest first, and a rejected row is a line too."""

import numpy as np
import pandas as pd
import pytest

from molgen.base.errors import MolgenError
from molgen.cli.main import main
from molgen.data.library import Library
from molgen.models.panel import panel, value_column
from molgen.models.recipe import RecipeConfig
from molgen.models.train import train
from tests.models.conftest import PROTEINS, TINY_PAIR_KERNEL, pairs

ASKED = ["CCO", "C1CC", "c1ccccc1C"]


@pytest.mark.parametrize("name", ["pair_kernel", "pair_network", "pair_boosting", "pair_neighbours"])
def test_every_partner_is_a_line_strongest_first_and_says_what_predict_says(fitted, name):
    model, library = fitted(name), Library.of(ASKED)
    told = panel(model, library)
    assert told["row"].tolist() == [0] * len(PROTEINS) + [1] + [2] * len(PROTEINS)
    bad = told[told["row"] == 1].iloc[0]
    assert "ring" in bad["error"] and np.isnan(bad["affinity"]) and pd.isna(bad["rank"]) and str(told["rank"].dtype) == "Int64"
    matrix = model.against(model.model.known_partners).predict(library)
    for row in (0, 2):
        own = told[told["row"] == row]
        assert sorted(own["partner"]) == sorted(PROTEINS) and own["rank"].tolist() == list(range(1, len(PROTEINS) + 1))
        assert own["affinity"].is_monotonic_decreasing and own["behind"].iloc[0] == 0 and (own["behind"] >= 0).all()
        said = dict(zip((task.name.removeprefix("affinity_") for task in matrix.tasks), matrix.mean[row]))
        assert own["affinity"].tolist() == pytest.approx([said[partner] for partner in own["partner"]])
        assert (own["affinity_low"] < own["affinity"]).all()


def test_a_model_of_molecules_alone_has_no_panel(fitted):
    with pytest.raises(MolgenError, match="molecules alone"):
        panel(fitted("kernel"), Library.of(ASKED))


def test_the_command_writes_the_lines_and_refuses_a_library(fitted, tmp_path, capsys):
    model = fitted("pair_kernel").save(tmp_path / "model")
    (tmp_path / "some.smi").write_text("\n".join(ASKED) + "\n")
    with pytest.raises(SystemExit) as done:
        main(["profile", str(model), str(tmp_path / "some.smi"), "-o", str(tmp_path / "told.csv")])
    assert done.value.code in (0, None)
    assert len((tmp_path / "told.csv").read_text().splitlines()) == 2 * len(PROTEINS) + 2
    with pytest.raises(SystemExit) as refused:
        main(["profile", str(model), str(tmp_path / "some.smi"), "--most", "2"])
    assert refused.value.code == 2 and "more than 2" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["rank", "behind", "partner", "error", "id"])
def test_a_task_may_be_called_as_a_column_of_the_panel(name):
    table = pairs().rows.columns.rename(columns={"affinity": name})
    library = Library.from_frame(table).paired_with(pairs().partners.each, pairs().partners.of_row)
    model = train(library, name, recipe=RecipeConfig(predictor="pair_kernel", options=TINY_PAIR_KERNEL, folds=3), split="none")
    told = panel(model, Library.of(["c1ccccc1CC"]))
    assert told.columns.is_unique and told["rank"].tolist() == [1, 2, 3, 4, 5] and set(told["partner"]) == set(PROTEINS)
    values = told[value_column(model.tasks[0])]
    assert values.is_monotonic_decreasing and sorted(values) == sorted(model.against_named(list(PROTEINS)).predict(["c1ccccc1CC"]).mean[0])
