"""The key follows everything but the clock."""

import json

from molgen.base.provenance import Provenance, versions


def test_the_key_is_blind_to_the_clock_alone():
    first = Provenance(verb="screen", config={"a": 1}, seed=1, created="2020")
    assert first.key == Provenance(verb="screen", config={"a": 1}, seed=1, created="2021").key
    others = [
        Provenance(verb="train", config={"a": 1}, seed=1),
        Provenance(verb="screen", config={"a": 2}, seed=1),
        Provenance(verb="screen", config={"a": 1}),
    ]
    assert len({first.key, *(other.key for other in others)}) == 4


def test_it_is_json_with_the_key_first_and_the_versions_that_decide():
    said = json.loads(json.dumps(Provenance(verb="screen").to_dict()))
    assert next(iter(said)) == "key" and {"python", "rdkit", "numpy"} <= set(versions()) == set(said["versions"])
