"""A screen for one kinase against others, with the model that comes along."""

from molgen.base.parallel import Serial
from molgen.data import catalogue
from molgen.data.library import Library
from molgen.score.objective import Objective
from molgen.screen.run import screen

SELECTIVE = Objective.of(
    [
        {"term": "prediction", "model": "kinases", "target": "EGFR", "curve": {"kind": "ramp", "worst": 5.0, "best": 8.0}},
        {
            "term": "selectivity",
            "model": "kinases",
            "target": "EGFR",
            "over": ["ABL1", "SRC"],
            "curve": {"kind": "ramp", "worst": 0.0, "best": 1.0},
        },
    ]
)
ERLOTINIB = "C#Cc1cccc(Nc2ncnc3cc(OCCOC)c(OCCOC)cc23)c1"
DASATINIB = "Cc1nc(Nc2ncc(C(=O)Nc3c(C)cccc3Cl)s2)cc(N2CCN(CCO)CC2)n1"  # of EGFR too, and of ABL1 and SRC more than that


def test_a_screen_for_one_kinase_over_others_puts_its_inhibitors_on_top():
    drugs = catalogue.load_rows("chembl_drugs").columns["smiles"].head(300).tolist()
    library = Library.of([*drugs, DASATINIB, ERLOTINIB, "C1CC"])
    ranking = screen(library, SELECTIVE, top=5, executor=Serial())
    assert ranking.counts.read == len(library) and ranking.counts.rejected >= 1
    total = SELECTIVE.score(Library.of([ERLOTINIB, DASATINIB])).total
    assert ranking.frame["smiles"].str.contains("C#Cc1cccc").any()
    assert total[0] > 0.9 and total[1] < 0.1
