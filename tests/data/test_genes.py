"""The table of genes: each name says one gene, and a protein of another table is found by them too."""

import csv
import re
from collections import Counter
from importlib.resources import files

from molgen.data.genes import gene_symbol, names_of_gene
from molgen.data.proteins import Proteins
from molgen.models.predictor import Predictor

ACCESSION = re.compile(r"[OPQ]\d[A-Z\d]{3}\d|[A-NR-Z]\d([A-Z][A-Z\d]{2}\d){1,2}")  # as UniProt has them
MINE, OTHER = "MKTAYIAKQR" * 4, "MKWAYIAKQR" * 4


def lines():
    return list(csv.DictReader(files("molgen.data").joinpath("genes.csv").read_text(encoding="utf-8").splitlines()))


def test_no_name_says_two_genes():
    told = Counter(name.upper() for line in lines() for name in (line["gene"], line["accession"], *line["others"].split()))
    assert len(lines()) > 400 and not [name for name, times in told.items() if times > 1]


def test_lines_are_in_order_and_have_accessions():
    genes = [line["gene"] for line in lines()]
    assert genes == sorted(genes) and all(ACCESSION.fullmatch(line["accession"]) for line in lines())


def test_a_name_is_read_whatever_its_capitals_and_what_stands_behind_it():
    assert names_of_gene("Aurora A") == names_of_gene("AURKA") and names_of_gene("CDK4/cyclin D1") == names_of_gene("CDK4-cyclinD1") != ()
    assert names_of_gene("MAPK1/3") == names_of_gene("CDK1 1") == ()
    assert names_of_gene(" p38-Alpha ") == names_of_gene("MAPK14") and names_of_gene("") == ()
    assert gene_symbol("FLT3(D835H)") == "FLT3" and gene_symbol("EGFR L858R") == "EGFR" and gene_symbol("") == ""


def test_a_name_that_is_there_comes_before_others_of_its_gene():
    known = {"MAPK14": MINE, "p38-alpha": OTHER}
    assert Proteins.of(["p38-ALPHA", "mapk14", "Q16539"], known=known).sequences == (OTHER, MINE, MINE)


def test_what_no_table_has_is_still_refused():
    (reason,) = Proteins.of(["MAPK14"], known={"EGFR": MINE}).reasons
    assert reason == "no protein 'MAPK14' among the 1 known by name, and no sequence"


def test_every_mutant_of_the_panel_that_ships_is_found_by_its_name_and_edits():
    known = Predictor.load("kinases").proteins.by_name
    mutants = {name: found for name in known if (found := re.fullmatch(r"(\w+)\(([A-Z]\d+[A-Z])\)", name))}
    assert len(mutants) > 30
    said = Proteins.of([f"{found[1].lower()} {found[2]}" for found in mutants.values()], known=known)
    assert said.sequences == tuple(known[name] for name in mutants)
