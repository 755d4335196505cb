"""A folder is written over by the request that wrote it, and by no other."""

import pytest

from molgen.base.errors import MolgenError
from molgen.base.files import write_json
from molgen.base.parallel import Serial
from molgen.base.provenance import Provenance
from molgen.data.library import Library
from molgen.generate.run import generate
from molgen.score.folder import check_request, check_verb, claim
from molgen.score.objective import Objective
from molgen.screen.run import screen

QED = Objective.of([{"term": "qed"}])
SEEDS = ["Cc1ccc(NC(=O)c2ccccc2)cc1", "CCNC(=O)c1ccncc1"]
MADE = Provenance(verb="generate", config={"budget": 10, "top": 5}, inputs={"seeds": "1f"}, seed=0)


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_generate_leaves_a_screen_as_it_is(tmp_path):
    screen(Library.of(SEEDS), QED, out=tmp_path, executor=Serial())
    before = files(tmp_path)
    with pytest.raises(MolgenError, match="the folder holds a run of screen"):
        generate(QED, seeds=SEEDS, budget=10, out=tmp_path)
    assert files(tmp_path) == before
    for name in before:
        (tmp_path / name).unlink()  # as an interrupted screen leaves it
    with pytest.raises(MolgenError, match="the folder holds a run of screen"):
        generate(QED, seeds=SEEDS, budget=10, out=tmp_path)


def test_generate_writes_over_its_own_request_and_no_other(tmp_path):
    first = generate(QED, seeds=SEEDS, budget=10, out=tmp_path)
    assert generate(QED, seeds=SEEDS, budget=10, out=tmp_path).smiles == first.smiles
    before = files(tmp_path)
    for more, said in (({"batch": 3}, "another batch"), ({"seed": 7}, "another random seed"), ({"keep": "c1ccccc1"}, "another keep")):
        with pytest.raises(MolgenError, match=said):
            generate(QED, seeds=SEEDS, budget=10, out=tmp_path, **more)
    with pytest.raises(MolgenError, match="another set of seeds"):
        generate(QED, seeds=SEEDS[:1], budget=10, out=tmp_path)
    assert files(tmp_path) == before


def test_versions_are_no_part_of_a_request(tmp_path):
    check_request(tmp_path / "new", MADE)
    write_json(tmp_path / "provenance.json", {**MADE.to_dict(), "versions": {"rdkit": "2019.3"}, "created": "long ago"})
    check_request(tmp_path, MADE)


@pytest.mark.parametrize("text", ["", "[1]", "{", "\xff"])
def test_a_file_that_says_nothing_is_not_written_over(tmp_path, text):
    (tmp_path / "run.json").write_text(text, encoding="latin-1")
    with pytest.raises(MolgenError, match="says not whose run"):
        check_verb(tmp_path, "generate")


def test_a_claimed_folder_is_one_requests_alone(tmp_path):
    claim(tmp_path / "new", "campaign", {"budget": 10})
    claim(tmp_path / "new", "campaign", {"budget": 10})
    with pytest.raises(MolgenError, match="another budget"):
        claim(tmp_path / "new", "campaign", {"budget": 11})
    generate(QED, seeds=SEEDS, budget=10, out=tmp_path / "other")
    with pytest.raises(MolgenError, match="holds a run of generate"):
        claim(tmp_path / "other", "campaign", {"budget": 10})
