"""Small seeds and objectives that score in microseconds."""

from rdkit import Chem

from molgen.score.curves import AsIs
from molgen.score.function import Function
from molgen.score.objective import Goal, Objective
from molgen.score.terms import QED, Similarity

SEEDS = (
    "Cc1ccc(NC(=O)c2ccccc2)cc1", "COc1ccc(CN2CCNCC2)cc1", "O=C(NCC1CCCO1)c1ccncc1", "CS(=O)(=O)c1ccc(F)cc1",
    "Cc1cc(C)n(-c2ccccc2)n1", "NS(=O)(=O)c1ccc(Cl)cc1", "CC(C)Oc1ccccc1C(=O)O", "FC(F)(F)c1ccc(N2CCOCC2)nc1",
    "C[C@H](N)c1ccc(Br)cc1", "O=C1CCCN1c1ccc(O)cc1", "CN(C)CCOc1ccc2[nH]ccc2c1", "Cc1nc(-c2cccs2)no1",
)  # fmt: skip
CELECOXIB = "Cc1ccc(-c2cc(C(F)(F)F)nn2-c2ccc(S(N)(=O)=O)cc2)cc1"


def toy() -> Objective:
    """Drug-like and similar to celecoxib."""
    return Objective((Goal(term=Similarity(references=[CELECOXIB]), curve=AsIs()), Goal(term=QED(), curve=AsIs())))


def counting() -> tuple[Objective, list[str]]:
    """An objective with the list of every SMILES it was ever asked about."""
    asked: list[str] = []

    def score(smiles: list[str]) -> list[float]:
        asked.extend(smiles)
        return [min(1.0, text.count("N") / 10) for text in smiles]

    return Objective((Goal(term=Function(call=score, name="nitrogen")),)), asked


def largest_ring(smiles: str) -> int:
    """Atoms of the largest ring, 0 without any."""
    mol = Chem.MolFromSmiles(smiles)  # kept: its ring info does not outlive it
    return max(map(len, mol.GetRingInfo().AtomRings()), default=0)
