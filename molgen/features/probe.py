"""Odd molecules, small and many-sided: what a second way of reading molecules is tried on before it is trusted."""

from __future__ import annotations

_PLAIN = (
    "", "C", "CC", "C=C", "C#C", "CCO", "CC(=O)Nc1ccc(O)cc1", "CC(C)Cc1ccc(cc1)C(C)C(=O)O", "FC(F)(F)c1cc(Cl)c(Br)c(I)c1",
    "CN1C=NC2=C1C(=O)N(C(=O)N2C)C", "C1CC1", "C1CCC1", "C1CCCC1", "C1CCCCC1", "C1CCCCCC1", "C1CCCCCCC1", "C1CCCCCCCCCCC1",
)  # fmt: skip
_RINGS = (
    "C1CC11CC1", "C1CCC2(C1)CCCC2", "C1CC2CCC1C2", "C12C3C4C1C5C2C3C45", "C1C2CC3CC1CC(C2)C3", "c1ccc2cc3ccccc3cc2c1", "C1=CC2=CC=CC2=C1",
    "c1ccc2c(c1)ccc1c2ccc2ccccc21", "C1CCCCCCCCCCCCC(=O)CC1", "C1COCCOCCOCCOCCOCCO1", "C1CC2CCC3CCC1N23", "c1ccc(-c2ccccc2)cc1",
)  # fmt: skip
_AROMATIC = ("c1ccncc1", "[nH]1cccc1", "o1cccc1", "s1cccc1", "[se]1cccc1", "p1ccccc1", "b1ccccc1", "c1c[nH]c2ncnc2c1", "O=c1cc[nH]cc1",
             "[cH-]1cccc1", "c1cc[n+](C)cc1", "C[n+]1ccccc1[O-]", "c1nnn[n-]1.[Na+]")  # fmt: skip
_STEREO = (
    "C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", "F/C=C/F", "F/C=C\\F", "FC=CF", "OC[C@H]1OC(O)[C@H](O)[C@@H](O)[C@@H]1O", "C[S@](=O)c1ccccc1",
    "C[P@](=O)(O)c1ccccc1", "C/C=C/[C@H](C)/C=C\\C", "C[C@H]1CC[C@@H](C)CC1", "CC(C)[C@H](C)O |&1:3|", "F[P@TB1](Cl)(Br)(N)C",
    "C[C@H](O)[C@@H](O)[C@H](C)O", "F[Pt@SP1](Cl)(Br)N", "C/C=N/O", "C(/F)(Cl)=C(/F)Cl",
)  # fmt: skip
_ODD = (
    "[Na+].[Cl-]", "[H][H]", "[2H]OC", "[13CH4]", "[2H]C([2H])([2H])O", "[H+]", "[H]O[H]", "[CH3]", "[CH2]C", "[O]", "[O][O]",
    "C[N+](C)(C)C", "[O-][N+](=O)c1ccccc1", "O=S(=O)(O)c1ccccc1", "FS(F)(F)(F)(F)F", "FP(F)(F)(F)F", "O=[Se]=O", "[2H]O[Pt](Cl)(Cl)Cl",
    "N->[Pt](Cl)(Cl)<-N", "[Fe+2].[cH-]1cccc1.[cH-]1cccc1", "C[Hg]C", "[Zn+2].[O-]C(=O)C", "B(O)(O)c1ccccc1", "[BH4-]", "[Si](C)(C)(C)C",
    "[Mg+2]", "[Al+3]", "[C-]#[O+]", "[N-]=[N+]=NC", "C=[N+]=[N-]", "[CH2-]C", "C[As](C)C", "[U]", "[Og]", "[He]", "[Xe](F)F", "*CC",
    "[CH3:1][CH2:2]O", "[C]", "[NH4+]", "[Ti+4]", "[PH5]", "[Fe](C)(C)(C)(C)(C)(C)(C)C", "[Cr]$[Cr]", "CC |$a;b$|", "CO[Fe] |C:1.1|",
)  # fmt: skip

# Where one byte an atom number no longer does.
_LONG = (*("C" * size for size in (253, 254, 255, 256, 257)), "c1ccccc1" * 50)

PROBE = _PLAIN + _RINGS + _AROMATIC + _STEREO + _ODD + _LONG
ORDINARY = _PLAIN + _RINGS + _AROMATIC  # what has to be read without asking atom by atom
