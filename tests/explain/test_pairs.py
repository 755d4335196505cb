"""A model of pairs, asked about one protein, gives its reasons as a model of molecules does."""

import pandas as pd
import pytest

from molgen.base.errors import MolgenError
from molgen.cli.main import main
from molgen.data.library import Library
from molgen.explain.run import explain

ASKED = ["CCCCCO", "c1ccccc1C"]


def test_the_command_explains_molecules_against_a_target_that_is_named(fitted, tmp_path):
    model = fitted("pair_kernel").save(tmp_path / "model")
    (tmp_path / "some.smi").write_text("\n".join(ASKED) + "\n")
    with pytest.raises(SystemExit) as done:
        main(["explain", str(model), str(tmp_path / "some.smi"), "--target", "AAA1", "-o", str(tmp_path / "why"), "--edits", "1"])
    assert done.value.code in (0, None)
    one, other = fitted("pair_kernel").against_named(["AAA1"]).predict(ASKED).mean[:, 0]
    atoms = pd.read_csv(tmp_path / "why" / "atoms.csv")
    assert set(atoms["task"]) == {"affinity_AAA1"}
    shares = atoms.groupby("id", sort=False)["contribution"].sum()  # with what is said of nothing, the same for both, they are the answers
    assert shares.iloc[1] - shares.iloc[0] == pytest.approx(other - one, abs=1e-3)


def test_a_target_that_nobody_knows_is_an_error(fitted, tmp_path, capsys):
    model = fitted("pair_kernel").save(tmp_path / "model")
    (tmp_path / "some.smi").write_text("CCO\n")
    with pytest.raises(SystemExit) as done:
        main(["explain", str(model), str(tmp_path / "some.smi"), "--target", "NOBODY1", "-o", str(tmp_path / "why")])
    assert done.value.code == 2 and "NOBODY1" in capsys.readouterr().err


def test_what_is_said_of_nothing_is_the_usual_value(fitted):
    predictor = fitted("pair_kernel").against_named(["AAA1", "BBB1"])
    (one,) = explain(predictor, ["CCCCCO"], rounds=2, edits=0).rows
    middle = predictor.card["audit"]["balance"]["affinity"]["median"]
    assert one.baseline.tolist() == [middle] * 2
    assert one.atoms.sum(axis=0) + middle == pytest.approx(one.learned, abs=1e-4)
    with pytest.raises(MolgenError, match="say against what"):
        explain(fitted("pair_kernel"), Library.of(ASKED))
