"""Whether ChEMBL's rules leave a molecule exactly as it is, told without running them.

Running every rule costs several times what reading the molecule does, and most molecules of a library need
none. Canonical SMILES hides nothing that RDKit writes into a molecule read from plain SMILES, so what a
rule needs (a charge, an isotope, a metal, a second piece) can be looked for in its letters; what letters can't say
is asked of the molecule by two SMARTS. True is a proof, rule by rule below; False says nothing.

The chain is that of chembl_structure_pipeline 1.2 (Bento et al., J. Cheminf. 12 (2020) 51). What each step needs, and why
it is not there:

* `exclude_flag`, alkoxides: a metal, or more than seven boron atoms. No metal is among the letters; B is counted.
* stereo and substance groups: a ChemAxon extension. The caller passes molecules of plain SMILES only.
* atom maps, isotopes, radicals, explicit hydrogen: a bracket that says so. None of the brackets allowed does.
* kekulising and sanitising again: a Kekulé structure that RDKit misses at second try. The bonds that alternate are those it
  found before; cages with ten rings open at once (`%`), where its search has a limit, are not vouched for.
* nitro, quaternary N, trivalent O, diazonium: uncharged N of valence 4 or 5 or O of 3, which RDKit refuses; or N between a
  single and a triple bond. Charged N is allowed beside O- alone, in nitro groups and aromatic N-oxides.
* forgetting what was perceived, which sanitising does: stereo that is not found again, as in some polyenes whose marks RDKit
  takes for conflicting. Where one mark could depend on another, a copy is made to forget, and written anew.
* odd pyridine oxide, odd azide: N of charge +2, or N-. There is no such bracket.
* sulfoxide, trivalent S: S=O on a sulfur of two or three neighbours. Asked by SMARTS.
* bad amide tautomers: C(OH)=N outside rings. Asked by SMARTS.
* halogen with no neighbours: one without even a hydrogen. A bare F, Cl, Br or I has one.
* `uncharge_mol`: a charge not balanced by the next atom's. RDKit's Uncharger leaves an O- beside N+ alone.
* `flatten_tartrate_mol`: free tartaric acid. No molecule of ten atoms with six oxygens is vouched for.
* `cleanup_drawing_mol`: coordinates, which SMILES has not. Salts and solvents: a second piece, hence a dot.
"""

from __future__ import annotations

import re
from functools import cache

from rdkit import Chem

# Organic subset but aromatic b and p, bonds, branches, ring digits; then the few brackets that hide nothing.
_PLAIN = re.compile(
    r"(?:[BCNOPSFIlrcnos0-9()=#/\\-]++"
    r"|\[nH\]|\[C@@?H?\]"
    r"|\[N\+\]\(=O\)\[O-\]|(?<=O=)\[N\+\]\(\[O-\]\)|\[O-\]\[N\+\]\(=O\)"  # nitro
    r"|\[n\+\]\d?\(\[O-\]\)|\[O-\]\[n\+\]"  # aromatic N-oxide
    r")+"
)
_MOST_BORON = 7


def is_untouched(mol: Chem.Mol, canonical: str) -> bool:
    """Whether ChEMBL's rules provably leave `mol`, read from plain SMILES, as its `canonical` SMILES has it.

    >>> is_untouched(Chem.MolFromSmiles("CCN"), "CCN"), is_untouched(Chem.MolFromSmiles("CCN.Cl"), "CCN.Cl")
    (True, False)
    """
    if _PLAIN.fullmatch(canonical) is None or canonical.count("B") > _MOST_BORON:
        return False
    if canonical.count("O") == 6 and mol.GetNumAtoms() == 10:
        return False
    sulfoxide, imidic_acid = _suspects()
    if "S" in canonical and mol.HasSubstructMatch(sulfoxide):
        return False
    if "N" in canonical and mol.HasSubstructMatch(imidic_acid):
        return False
    marks = "/" in canonical or "\\" in canonical or canonical.count("[C@") > 1
    return not marks or _written_anew(mol) == canonical


def _written_anew(mol: Chem.Mol) -> str:
    forgetful = Chem.Mol(mol)
    forgetful.ClearComputedProps(includeRings=False)
    return Chem.MolToSmiles(forgetful)


@cache
def _suspects() -> tuple[Chem.Mol, Chem.Mol]:
    """Every sulfur and every C=N that a normalisation rule could fit, and some that none does."""
    return Chem.MolFromSmarts("[S;D2,D3]=O"), Chem.MolFromSmarts("C([OH1;D1])=;!@N")
