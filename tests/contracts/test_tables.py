"""Every table of plug-ins: entries that exist, are documented, and are listed without being imported."""

import inspect
import subprocess
import sys
from importlib import import_module

import pytest

from molgen.base.registry import Registry
from molgen.cli.list import TABLES

REGISTRIES = {what: import_module(where.partition(":")[0]).__dict__[where.partition(":")[2]] for what, where in TABLES.items()}
ENTRIES = [(what, name) for what, table in REGISTRIES.items() if isinstance(table, Registry) for name in table]


@pytest.mark.parametrize(("what", "name"), ENTRIES)
def test_an_entry_exists_and_says_what_it_is(what, name):
    component = REGISTRIES[what].load(name)
    assert callable(component)
    assert (inspect.getdoc(component) or "").strip()


@pytest.mark.parametrize(("what", "name"), ENTRIES)
def test_an_entrys_options_are_keywords_with_types(what, name):
    component = REGISTRIES[what].load(name)
    for option in inspect.signature(component).parameters.values():
        assert option.kind is inspect.Parameter.KEYWORD_ONLY, option
        assert option.annotation is not inspect.Parameter.empty, option


def test_listing_imports_no_entry():
    code = (
        "import sys\nfrom molgen.cli.list import table\n"
        "assert table('encoders') and table('predictors') and table('terms') and table('generators')\n"
        "loaded = {'molgen.nn.dmpnn', 'molgen.models.boosting', 'molgen.score.terms', 'molgen.generate.genetic'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
