"""A dirty library, as a person's spreadsheet might be: made here, so that no file of it needs keeping."""

from __future__ import annotations

import csv
from pathlib import Path

BOM, NBSP, ZERO_WIDTH = "\ufeff", "\u00a0", "\u200b"

SOUND = (
    "CCO", "OCC", "c1ccccc1", "C1=CC=CC=C1", "CC(=O)Oc1ccccc1C(=O)O", "CN1C=NC2=C1C(=O)N(C(=O)N2C)C", "C[C@H](N)C(=O)O",
    "C[C@@H](N)C(=O)O", "F/C=C/F", "F/C=C\\F", "NO", "CO", "CN", "I", "OS", "C#N", "[nH]1cccc1", "O=C1NC(=O)c2ccccc21",
    "CC(C)Cc1ccc(cc1)C(C)C(=O)O", "CC(C)CC1=CC=C(C=C1)C(C)C(O)=O", "C1CC1", "C%12CC%12", "OC[C@H]1OC(O)[C@H](O)[C@@H](O)[C@@H]1O",
    "FC(F)(F)c1ccccc1", "O=[N+]([O-])c1ccccc1",
)  # fmt: skip
SALTED = (
    "CCN.Cl", "CC(=O)[O-].[Na+]", "Br.CC(N)Cc1ccc(O)cc1", "CCN.CCN.OS(=O)(=O)O", "[Na+].[Cl-]", "c1ccncc1.OC(=O)C(O)C(O)C(=O)O",
    "C[N+](C)(C)C.[I-]", "CCN(CC)CC.CCO", "CN1CCC1.c1ccccc1C(=O)NC", "O.O.CCN", "[K+].[O-]c1ccccc1", "CS(=O)(=O)O.NCCc1ccccc1",
)  # fmt: skip
ODD = (
    "[2H]C([2H])([2H])O", "[13CH3]N", "[14C]CC", "[CH3]", "[CH2]C", "[O]C", "[NH4+]", "[OH-]", "C[N+](C)(C)CC(=O)[O-]",
    "[Pt](Cl)(Cl)(N)N", "N->[Pt](Cl)(Cl)<-N", "[Fe+2].[cH-]1cccc1.[cH-]1cccc1", "C[Hg]C", "CC[Pb](CC)(CC)CC", "[CH3:1][CH2:2]O",
    "[Zn+2].[O-]C(=O)C.[O-]C(=O)C", "CC |$a;b$|", "CC(C)[C@H](C)O |&1:3|", "C1CC1 |c:0|", "[Si](C)(C)(C)C", "B(O)(O)c1ccccc1",
    "OP(=O)(O)O", "[SeH]CC", "[Au]Cl", "[Li]CCCC", "[U]", "[Og]", "[#6]C", "CC(C)(C)[Mg]Br", "[Na]OC",
)  # fmt: skip
EMPTY = ("", " ", "\t", BOM, NBSP, ZERO_WIDTH, f" {BOM} ", "\u2060", "\n", "\r\n")
BROKEN = (
    "C1CC", "CC(C", "CC)C", "c1cccc1", "C(C)(C)(C)(C)C", "[CH5]", "C[", "C]", "[C", "CC(", ")C", "C=", "=C", "-C", "C==C", "C..C", "CC.",
    ".C", "C1CC2", "cc", "n1ccccc1n", "F(C)C", "[Xx]", "[R1]C", "[D]C", "X", "Q", "not a smiles", "ethanol", "aspirin", "N/A", "NaN",
    "#N/A", "null", "-", "?", "0", "1.5", "=1+1", "@SUM(A1)", "+CCO", "'CCO'", '"CCO"', "CCO;", "CCO,", "C C", "C\nC", "CC\tname",
    "<b>CCO</b>", "{CCO}", "C&C", "C!C", "C%1", "C%%12", "[C@@@H](F)(Cl)Br", "C$C$C$C", "C\x00C", "C\x07", "\x1bC", "CC\x7f", "C|a|",
    "CCO |$a", "CCO |garbage|",
)  # fmt: skip
LOOK_ALIKES = (
    "\u0421CO", "CC\u0421", "CC\u041e", "C\u041d", "\u039d#C", "CC\u039f", "CCO\u00e9", "C\u2010C", "C\u2013C", "C\u2212C", "CC\u00a0O",
    "C\u200bC", "C\u3000C", "\uff23\uff23\uff2f", "C\u00b2", "\u4e59\u9187", "C\U0001f600C", "C\u202eC", "\u03b1-pinene", "CC\u0301O",
    "\u0412r", "C\u2028C",
)  # fmt: skip
NOT_ONE = (
    "*", "*CC", "CC[*:1]", "[*]c1ccccc1", "*CC* |$_AP1;;;_AP2$|", "[#0]C", "CC>>CO", "CC(=O)O.OCC>>CC(=O)OCC", "CC>O>CO", ">>", "C~C",
    "CC |Sg:n:0:n:ht|", "CCO |Sg:n:1,2::ht|", "[H][H]", "[H+]", "[2H][2H]",
)  # fmt: skip
FOREIGN = (
    "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3", "InChI=1S/CH4/h1H4", "InChI=1S/nonsense", "InChI=", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N", "64-17-5",
    "CHEMBL545", "C2H6O", "$$$$", "M  END", "2-(acetyloxy)benzoic acid",
)  # fmt: skip


def huge() -> tuple[str, ...]:
    """Texts past the size of a small molecule, and some just within it that are hard to name."""
    return (
        "C" * 501, "C" * 10_000, "C(" * 2_000 + "C" + ")" * 2_000, ".".join(["C"] * 3_000), "C1CC1" * 200, "[Fe]" * 600, "C" * 400,
        ".".join(["CCO"] * 40), "c1ccccc1" * 30, "N" + "CC(=O)N" * 60, "(" * 1_000, "[" * 1_000, "1" * 1_000, "%99" * 500, "C" * 100_000,
    )  # fmt: skip


def dirty() -> list[str]:
    """Two hundred and more structure cells; the sound ones come twice, the second time as duplicates."""
    again = [*SOUND, *(f" {smiles}{NBSP}" for smiles in SALTED)]
    return [*SOUND, *SALTED, *EMPTY, *BROKEN, *LOOK_ALIKES, *ODD, *NOT_ONE, *FOREIGN, *huge(), *again]


def write_dirty(path: Path) -> list[str]:
    """The dirty cells as a CSV of id, smiles and note; what stands in the smiles column, row by row."""
    cells = dirty()
    with path.open("w", encoding="utf-8", newline="") as opened:
        table = csv.writer(opened, quoting=csv.QUOTE_ALL)
        table.writerow(["id", "smiles", "note"])
        table.writerows([f"mol-{row}", smiles, f"note, {row}"] for row, smiles in enumerate(cells))
    return cells
