"""The list of ADMET endpoints is whole, and what it gathers is what the files say."""

import gzip
import re

import pandas as pd
import pytest

from molgen.base.errors import MolgenError
from molgen.data.catalogue import benchmark_folder
from molgen.data.endpoints import endpoints, gather, read_endpoint

SHARED = benchmark_folder()


def test_every_name_says_its_unit_or_what_one_means():
    for endpoint in endpoints().values():
        assert re.fullmatch(r"[a-z0-9_]+", endpoint.name)
        assert endpoint.name.endswith("_probability") == (endpoint.kind == "classification")
        assert bool(endpoint.unit) == (endpoint.kind == "regression")
        assert endpoint.better in ("higher", "lower", "") and re.fullmatch(r"[0-9a-f]{64}", endpoint.sha256)
        assert endpoint.licence and endpoint.citation and endpoint.source.startswith("https://")


def test_a_file_that_is_missing_or_another_is_refused(tmp_path):
    endpoint = endpoints()["half_life_h"]
    with pytest.raises(MolgenError, match="no such file"):
        read_endpoint(tmp_path, endpoint)
    (tmp_path / endpoint.file).parent.mkdir()
    (tmp_path / endpoint.file).write_bytes(gzip.compress(b"smiles,y\nC,1\n"))
    with pytest.raises(MolgenError, match="not those the endpoint was made from"):
        read_endpoint(tmp_path, endpoint)


@pytest.mark.skipif(SHARED is None, reason="no MOLGEN_DATA")
def test_no_measurement_is_lost_and_none_is_made_up():
    names = ["half_life_h", "plasma_protein_binding_percent", "tox21_sr_p53_active_probability"]
    whole = gather(SHARED, names)
    for name in names:
        there = read_endpoint(SHARED, endpoints()[name])
        kept = whole.loc[whole[name].notna(), ["smiles", name]].sort_values(["smiles", name])
        wanted = there.sort_values(["smiles", "value"])
        assert kept["smiles"].tolist() == wanted["smiles"].tolist() and kept[name].tolist() == wanted["value"].tolist()
    raw = pd.read_csv(SHARED / "tdc_admet" / "half_life_obach.csv.gz")
    assert (read_endpoint(SHARED, endpoints()["half_life_h"])["part"] == "test").sum() == (raw["split"] == "test").sum()


@pytest.mark.skipif(SHARED is None, reason="no MOLGEN_DATA")
def test_every_file_is_the_one_that_is_listed():
    for endpoint in endpoints().values():
        assert len(read_endpoint(SHARED, endpoint)) >= 200
