"""What the gene of a kinase goes by: its symbol, the accession of its human protein, what panels and papers call it.

Symbols are those of HGNC, accessions those of UniProt. A panel says `p38-alpha`, a paper MAPK14, a database Q16539: one protein.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files


def names_of_gene(name: str) -> tuple[str, ...]:
    """All names of the gene that goes by this one, in capitals, the symbol first and the accession last; none for one not listed.

    Hyphens, blanks and slashes decide nothing.

    >>> names_of_gene("p38 alpha")
    ('MAPK14', 'P38-ALPHA', 'Q16539')
    >>> names_of_gene("unheard of")
    ()
    """
    return _genes().get(name.strip().upper()) or _genes().get(_bare(name), ())


def gene_symbol(name: str) -> str:
    """The symbol of the gene that goes by this name, whatever stands behind it in brackets or after a space; "" for one not listed.

    >>> gene_symbol("Q16539"), gene_symbol("ABL1(T315I)"), gene_symbol("unheard of")
    ('MAPK14', 'ABL1', '')
    """
    first = name.replace("(", " ").split()[:1]
    return next((names[0] for names in map(names_of_gene, (name, *first)) if names), "")


@cache
def _genes() -> dict[str, tuple[str, ...]]:
    """By each of their names; the file is written by hand, and tested."""
    lines = csv.DictReader(files("molgen.data").joinpath("genes.csv").read_text(encoding="utf-8").splitlines())
    genes = [(line["gene"], *line["others"].split(), line["accession"]) for line in lines]
    written = [(name.upper(), tuple(one.upper() for one in names)) for names in genes for name in names]
    return {_bare(name): names for name, names in reversed(written)} | dict(written)


def _bare(name: str) -> str:
    """Its letters and digits; what parts two digits stays, for MAPK1/3 is not MAPK13."""
    return re.sub(r"(?<!\d)[^A-Z0-9]+|[^A-Z0-9]+(?!\d)", "", name.upper())
