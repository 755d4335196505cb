"""The tasks of PMO that need RDKit alone, and tasks of their kind on other molecules to rehearse with.

Gao et al., Sample Efficiency Matters (NeurIPS 2022), most after Brown et al., GuacaMol (J. Chem. Inf. Model. 59 (2019) 1096); the
definitions are those of TDC from 0.4.0 on, whose scores tests compare with, but for deco_hop: there TDC turns a flag round when
scaffold_hop was asked before in the same process. A task is a function of a molecule, in [0, 1], the more the better.

Settings of the search were chosen on REHEARSAL alone: nothing there is a target of TASKS.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from pharmacophores import pharmacophores
from rdkit import Chem
from rdkit.Chem import QED, Crippen, GraphDescriptors, rdFingerprintGenerator, rdMolDescriptors
from rdkit.DataStructs import TanimotoSimilarity

Oracle = Callable[[Chem.Mol], float]

_FEATURES = rdFingerprintGenerator.GetMorganFeatureAtomInvGen()
_ECFP4 = rdFingerprintGenerator.GetMorganGenerator(radius=2).GetSparseCountFingerprint
_ECFP6 = rdFingerprintGenerator.GetMorganGenerator(radius=3).GetSparseCountFingerprint
_FCFP4 = rdFingerprintGenerator.GetMorganGenerator(radius=2, atomInvariantsGenerator=_FEATURES).GetSparseCountFingerprint
_PAIRS = rdFingerprintGenerator.GetAtomPairGenerator(maxDistance=10).GetSparseCountFingerprint


def like(smiles: str, fingerprint: Callable[[Chem.Mol], Any], enough: float = 1.0) -> Oracle:
    """Tanimoto similarity to a molecule, on counts; `enough` of it is 1."""
    reference = fingerprint(Chem.MolFromSmiles(smiles))
    return lambda mol: min(TanimotoSimilarity(fingerprint(mol), reference) / enough, 1.0)


def near(value: Oracle, wanted: float, width: float) -> Oracle:
    """A Gaussian around the wanted value."""
    return lambda mol: math.exp(-0.5 * ((value(mol) - wanted) / width) ** 2)


def at_most(value: Oracle, wanted: float, width: float) -> Oracle:
    """1 up to the wanted value, then half a Gaussian."""
    return lambda mol: math.exp(-0.5 * (max(value(mol) - wanted, 0.0) / width) ** 2)


def at_least(value: Oracle, wanted: float, width: float) -> Oracle:
    """1 from the wanted value on, half a Gaussian before it."""
    return lambda mol: math.exp(-0.5 * (min(value(mol) - wanted, 0.0) / width) ** 2)


def has(smarts: str) -> Oracle:
    """1 where the pattern is found, else 0."""
    pattern = Chem.MolFromSmarts(smarts)
    return lambda mol: float(mol.HasSubstructMatch(pattern))


def lacks(smarts: str) -> Oracle:
    """1 where the pattern is not found, else 0."""
    found = has(smarts)
    return lambda mol: 1.0 - found(mol)


def all_of(*parts: Oracle) -> Oracle:
    """The geometric mean."""
    return lambda mol: math.prod(part(mol) for part in parts) ** (1.0 / len(parts))


def mean_of(*parts: Oracle) -> Oracle:
    """The arithmetic mean."""
    return lambda mol: sum(part(mol) for part in parts) / len(parts)


def isomer(formula: Mapping[str, int]) -> Oracle:
    """How near a molecule's formula is to the one wanted: each element within one atom, all atoms within two."""

    def of(mol: Chem.Mol) -> float:
        symbols = [atom.GetSymbol() for atom in Chem.AddHs(mol).GetAtoms()]
        off = [symbols.count(element) - wanted for element, wanted in formula.items()]
        squares = sum(one**2 for one in off) + ((len(symbols) - sum(formula.values())) / 2.0) ** 2
        return math.exp(-0.5 * squares / (len(off) + 1))

    return of


def count(symbol: str) -> Oracle:
    """Atoms of an element."""
    return lambda mol: float(sum(atom.GetSymbol() == symbol for atom in mol.GetAtoms()))


logp: Oracle = Crippen.MolLogP
tpsa: Oracle = rdMolDescriptors.CalcTPSA
bertz: Oracle = GraphDescriptors.BertzCT
rings: Oracle = rdMolDescriptors.CalcNumRings
aromatic_rings: Oracle = rdMolDescriptors.CalcNumAromaticRings


def _of(value: Oracle, smiles: str) -> float:
    return value(Chem.MolFromSmiles(smiles))


_CAMPHOR, _MENTHOL = "CC1(C)C2CCC1(C)C(=O)C2", "CC(C)C1CCC(C)CC1O"
_TADALAFIL = "O=C1N(CC(N2C1CC3=C(C2C4=CC5=C(OCO5)C=C4)NC6=C3C=CC=C6)=O)C"
_SILDENAFIL = "CCCC1=NN(C2=C1N=C(NC2=O)C3=C(C=CC(=C3)S(=O)(=O)N4CCN(CC4)C)OCC)C"
_OSIMERTINIB = "COc1cc(N(C)CCN(C)C)c(NC(=O)C=C)cc1Nc2nccc(n2)c3cn(C)c4ccccc34"
_FEXOFENADINE = "CC(C)(C(=O)O)c1ccc(cc1)C(O)CCCN2CCC(CC2)C(O)(c3ccccc3)c4ccccc4"
_RANOLAZINE = "COc1ccccc1OCC(O)CN2CCN(CC(=O)Nc3c(C)cccc3C)CC2"
_PERINDOPRIL = "O=C(OCC)C(NC(C(=O)N1C(C(=O)O)CC2CCCCC12)C)CCC"
_AMLODIPINE = r"Clc1ccccc1C2C(=C(/N/C(=C2/C(=O)OCC)COCCN)C)\C(=O)OC"
_SITAGLIPTIN = "Fc1cc(c(F)cc1F)CC(N)CC(=O)N3Cc2nnc(n2CC3)C(F)(F)F"
_ZALEPLON = "O=C(C)N(CC)C1=CC=CC(C2=CC=NC3=C(C=NN23)C#N)=C1"
_OF_VALSARTAN = "NC(CC(=O)N1CCn2c(nnc2C(F)(F)F)C1)Cc1cc(F)c(F)cc1F"
HOPPED = "CCCOc1cc2ncnc(Nc3ccc4ncsc4c3)c2cc1S(=O)(=O)C(C)(C)C"
CORE = "[#7]-c1n[c;h1]nc2[c;h1]c(-[#8])[c;h0][c;h1]c12"
_ARMS = "[#6]-[#6]-[#6]-[#8]-[#6]~[#6]~[#6]~[#6]~[#6]-[#7]-c1ccc2ncsc2c1"


@cache
def tasks() -> Mapping[str, Oracle]:
    """The twenty."""
    made: dict[str, Oracle] = {
        "albuterol_similarity": like("CC(C)(C)NCC(O)c1ccc(O)c(CO)c1", _FCFP4, 0.75),
        "amlodipine_mpo": all_of(like(_AMLODIPINE, _ECFP4), near(rings, 3, 0.5)),
        "celecoxib_rediscovery": like("CC1=CC=C(C=C1)C1=CC(=NN1C1=CC=C(C=C1)S(N)(=O)=O)C(F)(F)F", _ECFP4),
        "deco_hop": mean_of(
            like(HOPPED, pharmacophores, 0.85), lacks("CS([#6])(=O)=O"), lacks("[#7]-c1ccc2ncsc2c1"), has(CORE)
        ),
        "fexofenadine_mpo": all_of(at_least(tpsa, 90, 10), at_most(logp, 4, 1), like(_FEXOFENADINE, _PAIRS, 0.8)),
        "isomers_c7h8n2o2": isomer({"C": 7, "H": 8, "N": 2, "O": 2}),
        "isomers_c9h10n2o2pf2cl": isomer({"C": 9, "H": 10, "N": 2, "O": 2, "P": 1, "F": 2, "Cl": 1}),
        "median1": all_of(like(_CAMPHOR, _ECFP4), like(_MENTHOL, _ECFP4)),
        "median2": all_of(like(_TADALAFIL, _ECFP6), like(_SILDENAFIL, _ECFP6)),
        "mestranol_similarity": like("COc1ccc2[C@H]3CC[C@@]4(C)[C@@H](CC[C@@]4(O)C#C)[C@@H]3CCc2c1", _PAIRS, 0.75),
        "osimertinib_mpo": all_of(
            at_least(tpsa, 100, 10),
            at_most(logp, 1, 1),
            like(_OSIMERTINIB, _FCFP4, 0.8),
            at_most(like(_OSIMERTINIB, _ECFP6), 0.85, 0.1),
        ),
        "perindopril_mpo": all_of(like(_PERINDOPRIL, _ECFP4), near(aromatic_rings, 2, 0.5)),
        "qed": QED.qed,
        "ranolazine_mpo": all_of(
            at_least(tpsa, 95, 20), at_least(logp, 7, 1), like(_RANOLAZINE, _PAIRS, 0.7), near(count("F"), 1, 1)
        ),
        "scaffold_hop": mean_of(like(HOPPED, pharmacophores, 0.75), has(_ARMS), lacks(CORE)),
        "sitagliptin_mpo": all_of(
            near(like(_SITAGLIPTIN, _ECFP4), 0, 0.1),
            near(logp, _of(logp, _SITAGLIPTIN), 0.2),
            near(tpsa, _of(tpsa, _SITAGLIPTIN), 5),
            isomer({"C": 16, "H": 15, "F": 6, "N": 5, "O": 1}),
        ),
        "thiothixene_rediscovery": like("CN(C)S(=O)(=O)c1ccc2Sc3ccccc3C(=CCCN4CCN(C)CC4)c2c1", _ECFP4),
        "troglitazone_rediscovery": like("Cc1c(C)c2OC(C)(COc3ccc(CC4SC(=O)NC4=O)cc3)CCc2c(C)c1O", _ECFP4),
        "valsartan_smarts": all_of(
            has("CN(C=O)Cc1ccc(c2ccccc2)cc1"),
            near(tpsa, _of(tpsa, _OF_VALSARTAN), 5),
            near(logp, _of(logp, _OF_VALSARTAN), 0.2),
            near(bertz, _of(bertz, _OF_VALSARTAN), 30),
        ),
        "zaleplon_mpo": all_of(like(_ZALEPLON, _ECFP4), isomer({"C": 19, "H": 17, "N": 3, "O": 2})),
    }
    return MappingProxyType(made)


_ERLOTINIB = "COCCOc1cc2ncnc(Nc3cccc(C#C)c3)c2cc1OCCOC"
_APIXABAN = "COc1ccc(cc1)-n1nc(C(N)=O)c2CCN(C(=O)c12)c1ccc(cc1)N1CCCCC1=O"
_RIVAROXABAN = "O=C(NC[C@H]1CN(C(=O)O1)c1ccc(cc1)N1CCOCC1=O)c1ccc(Cl)s1"
_CETIRIZINE = "OC(=O)COCCN1CCN(CC1)C(c1ccccc1)c1ccc(Cl)cc1"
_LOSARTAN = "CCCCc1nc(Cl)c(CO)n1Cc1ccc(cc1)-c1ccccc1-c1nnn[nH]1"


@cache
def rehearsal() -> Mapping[str, Oracle]:
    """Tasks of the same kinds with other molecules, to choose settings on."""
    made: dict[str, Oracle] = {
        "aripiprazole": like("Clc1cccc(N2CCN(CCCCOc3ccc4CCC(=O)Nc4c3)CC2)c1Cl", _ECFP4),
        "glibenclamide": like("COc1ccc(Cl)cc1C(=O)NCCc1ccc(cc1)S(=O)(=O)NC(=O)NC1CCCCC1", _ECFP4),
        "dexamethasone": like("CC1CC2C3CCC4=CC(=O)C=CC4(C)C3(F)C(O)CC2(C)C1(O)C(=O)CO", _PAIRS, 0.75),
        "median": all_of(like(_APIXABAN, _ECFP6), like(_RIVAROXABAN, _ECFP6)),
        "cetirizine_mpo": all_of(at_least(tpsa, 90, 10), at_most(logp, 2, 1), like(_CETIRIZINE, _PAIRS, 0.8)),
        "losartan_mpo": all_of(like(_LOSARTAN, _ECFP4), near(rings, 6, 0.5)),
        "erlotinib_mpo": all_of(
            near(like(_ERLOTINIB, _ECFP4), 0, 0.1),
            near(logp, _of(logp, _ERLOTINIB), 0.2),
            near(tpsa, _of(tpsa, _ERLOTINIB), 5),
            isomer({"C": 22, "H": 23, "N": 3, "O": 4}),
        ),
        "isomers": isomer({"C": 10, "H": 11, "N": 3, "O": 1, "S": 1, "F": 1, "Br": 1}),
        "smarts": all_of(
            has("c1ccc(cc1)-c1nnn(C)n1"), near(tpsa, 80, 5), near(logp, 3.5, 0.2), near(bertz, 900, 30)
        ),
    }
    return MappingProxyType(made)
