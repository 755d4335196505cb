"""Distribution learning: are the texts that a language model writes molecules, new, and spread as real ones are?

    pip download --no-deps molsets --dest WORK; pip install fcd==1.2.2
    python benchmarks/prior.py WORK --gather                   # MOSES' three parts as canonical SMILES
    python benchmarks/moses.py WORK [--seeds 0 1 2] [--model FILE]          # texts as they are written, see `molgen.nn.writer`
    python benchmarks/moses.py WORK --read [--seeds 0 1 2]      # what RDKit can't read written anew, as `Language.molecules` does
    python benchmarks/moses.py WORK --speed                    # on one thread, beside the matrix products alone
    python benchmarks/moses.py WORK --check WRITTEN REFERENCE TRAINING SAID      # SAID: what benchmarks/rivals/moses_check.py wrote

MOSES' protocol (Polykovskiy et al., Front. Pharmacol. 11 (2020) 565644): 30,000 texts in the style of MOSES' training part, none
left out, beside its own statistics of its two test parts. The definitions are written anew here, on RDKit; the distance in
ChemNet's space (FCD, Preuer et al., J. Chem. Inf. Model. 58 (2018) 1736) is the fcd package's. `benchmarks/rivals/moses_check.py` has
what molsets itself says of the same texts.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import time
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from prior import PARTS, texts
from rdkit import Chem
from rdkit.Chem import AllChem, rdFingerprintGenerator
from rdkit.Chem.Scaffolds import MurckoScaffold
from rdkit.rdBase import BlockLogs
from records import grouped, record

from molgen.base.files import write_json
from molgen.features.bits import BYTES, nearest

RESULTS = Path(__file__).parent / "results"
SAMPLES, FIRST = 30_000, 10_000
_TURNS, _TIMED, _SIDE_BY_SIDE = 5, 16_384, 512
_ELEMENTS = frozenset(("C", "N", "S", "O", "F", "Cl", "Br", "H"))
_BITS_OF_MOSES = 1024
_BITS = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=_BITS_OF_MOSES)


def valid(written: Sequence[str]) -> list[str]:
    """Canonical SMILES of those that are molecules."""
    with BlockLogs():
        mols = [Chem.MolFromSmiles(text) for text in written]
    return [Chem.MolToSmiles(mol) for mol in mols if mol is not None and mol.GetNumAtoms()]


def unique(smiles: Sequence[str], first: int) -> float:
    """The share of distinct ones among the first."""
    return len(set(smiles[:first])) / len(smiles[:first])


def novelty(smiles: Sequence[str], known: Iterable[str]) -> float:
    """The share of distinct ones that were not learned from."""
    return len(set(smiles) - set(known)) / len(set(smiles))


def fingerprints(smiles: Sequence[str]) -> NDArray[np.uint8]:
    """[molecules, 256], packed Morgan bits of radius two, MOSES' 1,024; the rest is empty, as `nearest` reads twice as many."""
    bits = np.stack([np.packbits(_BITS.GetFingerprintAsNumPy(Chem.MolFromSmiles(text))) for text in smiles])
    return np.pad(bits, ((0, 0), (0, BYTES - bits.shape[1])))


def nearest_neighbour(packed: NDArray[np.uint8], reference: NDArray[np.uint8]) -> float:
    """Mean similarity (Tanimoto) to the most like of the reference: SNN."""
    return float(nearest(packed, reference).tanimoto.mean())


def diversity(packed: NDArray[np.uint8], power: int) -> float:
    """One less the power mean of each one's similarities to all, itself among them, on average: IntDiv."""
    bits = np.unpackbits(packed[:, : _BITS_OF_MOSES // 8], axis=1).astype(np.float32)
    sizes, means = bits.sum(axis=1), []
    for start in range(0, len(bits), 2_000):
        shared = bits[start : start + 2_000] @ bits.T
        tanimoto = shared / (sizes[start : start + 2_000, None] + sizes - shared)
        means.append((tanimoto.astype(np.float64) ** power).mean(axis=1) ** (1 / power))
    return float(1 - np.concatenate(means).mean())


def fragments(smiles: Sequence[str]) -> Counter[str]:
    """How often each BRICS fragment is there."""
    broken = (Chem.MolToSmiles(AllChem.FragmentOnBRICSBonds(Chem.MolFromSmiles(text))) for text in smiles)
    return Counter(piece for text in broken for piece in text.split("."))


def scaffolds(smiles: Sequence[str]) -> Counter[str]:
    """How often each Murcko scaffold of two rings or more is there."""
    mols = (MurckoScaffold.GetScaffoldForMol(Chem.MolFromSmiles(text)) for text in smiles)
    return Counter(Chem.MolToSmiles(mol) for mol in mols if mol.GetRingInfo().NumRings() >= 2)


def cosine(one: Counter[str], other: Counter[str]) -> float:
    """Cosine of two tables of counts."""
    dot = sum(count * other[name] for name, count in one.items())
    length = [np.sqrt(sum(count**2 for count in counts.values())) for counts in (one, other)]
    return float(dot / (length[0] * length[1])) if length[0] and length[1] else 0.0


def passing(smiles: Sequence[str], patterns: Sequence[Chem.Mol]) -> float:
    """The share that MOSES' own filters let through."""
    return float(np.mean([_passes(Chem.MolFromSmiles(text), patterns) for text in smiles]))


def _passes(mol: Chem.Mol, patterns: Sequence[Chem.Mol]) -> bool:
    if any(len(ring) >= 8 for ring in mol.GetRingInfo().AtomRings()):
        return False
    if any(atom.GetFormalCharge() or atom.GetSymbol() not in _ELEMENTS for atom in mol.GetAtoms()):
        return False
    whole = Chem.AddHs(mol)
    return not any(whole.HasSubstructMatch(pattern) for pattern in patterns)


def filters(work: Path) -> list[Chem.Mol]:
    """MCF and PAINS as MOSES lists them."""
    tables = [io.StringIO(_member(work, f"metrics/{name}.csv").decode()) for name in ("mcf", "wehi_pains")]
    rows = [*csv.DictReader(tables[0]), *csv.DictReader(tables[1], fieldnames=("smarts", "names"))]
    return [Chem.MolFromSmarts(row["smarts"]) for row in rows]


def _member(work: Path, name: str) -> bytes:
    with zipfile.ZipFile(sorted(work.glob("molsets-*.whl"))[-1]) as wheel:
        return wheel.read(f"moses/{name}")


@cache
def _chemnet() -> Any:
    from fcd import load_ref_model

    return load_ref_model()


def activations(smiles: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and covariance of what ChemNet sees."""
    from fcd import get_predictions

    seen = get_predictions(_chemnet(), list(smiles))
    return seen.mean(axis=0), np.cov(seen.T)


def frechet(one: tuple[NDArray[np.float64], NDArray[np.float64]], other: tuple[NDArray[np.float64], NDArray[np.float64]]) -> float:
    """FCD of two sets by their activations; 0 for the same."""
    from fcd import calculate_frechet_distance

    return max(0.0, float(calculate_frechet_distance(*one, *other)))


class Reference(NamedTuple):
    """What MOSES' authors worked out of a test part, the same for every published row."""

    seen: tuple[NDArray[np.float64], NDArray[np.float64]]
    packed: NDArray[np.uint8]
    fragments: Counter[str]
    scaffolds: Counter[str]

    @classmethod
    def of(cls, work: Path, part: str) -> Reference:
        member = io.BytesIO(_member(work, f"dataset/data/{part}_stats.npz"))
        with np.load(member, allow_pickle=True) as file:  # from a package that was installed by name
            stats = file["stats"].item()
        packed = np.packbits(stats["SNN"]["fps"].astype(bool), axis=1)
        wide = np.pad(packed, ((0, 0), (0, BYTES - packed.shape[1])))
        return cls((stats["FCD"]["mu"], stats["FCD"]["sigma"]), wide, stats["Frag"]["frag"], stats["Scaf"]["scaf"])


def measured(written: Sequence[str], work: Path) -> dict[str, float]:
    """All of MOSES' metrics of the texts."""
    smiles = valid(written)
    packed = fingerprints(smiles)
    found = {
        "valid": len(smiles) / len(written),
        "unique": unique(smiles, FIRST),
        "novelty": novelty(smiles, texts(work, "lead")),
        "filters": passing(smiles, filters(work)),
        "int_div": diversity(packed, 1),
        "int_div2": diversity(packed, 2),
    }
    seen, pieces, rings = activations(smiles), fragments(smiles), scaffolds(smiles)
    for part, ending in (("test", ""), ("test_scaffolds", "_scaffolds")):
        reference = Reference.of(work, part)
        found |= {
            f"fcd{ending}": frechet(seen, reference.seen),
            f"snn{ending}": nearest_neighbour(packed, reference.packed),
            f"frag{ending}": cosine(pieces, reference.fragments),
            f"scaf{ending}": cosine(rings, reference.scaffolds),
        }
    return found


def run(work: Path, seed: int, model: Path | None, *, read: bool) -> None:
    """30,000 texts of that seed, and what MOSES says of them, unless its file is there."""
    variant = "read" if read else "written"
    path = PARTS / f"{variant}-{seed}.json"
    if path.exists():
        return
    from molgen.nn.language import language

    began, speaker = time.perf_counter(), language(model or "molecules")
    asked: dict[str, Any] = {"style": "lead", "seed": seed}
    about_texts: dict[str, float] = {}
    if read:
        written = speaker.molecules(SAMPLES, **asked)
    else:
        told = speaker.write(SAMPLES, **asked)
        written, about_texts = [one.text for one in told], {"begun_anew": sum(one.begun > 1 for one in told) / SAMPLES}
    about_texts["seconds"] = time.perf_counter() - began
    (work / f"{variant}-{seed}.smi").write_text("\n".join(written) + "\n", encoding="utf-8")
    command = f"python benchmarks/moses.py WORK {'--read ' * read}--seeds {seed}"
    about = {"task": "moses", "variant": variant, "system": "language", "seed": seed, "command": command}
    write_json(path, about | {"found": measured(written, work) | about_texts})


def speed(model: Path | None) -> None:
    """Texts a CPU-second on one thread, beside the matrix products alone that each of them needs by itself, by turns.

    Texts share the products of what they begin with, so that this is no floor of all of them.
    """
    import torch

    from molgen.nn.language import language

    torch.set_num_threads(1)
    speaker, times, ideal = language(model or "molecules"), [], []
    states = torch.randn(_SIDE_BY_SIDE, speaker.writer.units.hidden_size)
    products = (speaker.writer.units.weight_hh_l0.T, speaker.writer.out.weight.T)
    for turn in range(_TURNS):
        began = time.process_time()
        written = speaker.write(_TIMED, style="lead", seed=turn)
        times.append(time.process_time() - began)
        steps = sum(len(speaker.tokens.read(one.text)) + 1 for one in written) // _SIDE_BY_SIDE
        began = time.process_time()
        with torch.no_grad():
            for _ in range(steps):
                for weights in products:
                    states @ weights
        ideal.append(time.process_time() - began)
    found = {"texts_a_cpu_second": _TIMED / median(times), "share_of_products": median(b / a for a, b in zip(times, ideal))}
    about = {"task": "speed", "variant": "lead", "system": "language", "seed": 0, "command": "python benchmarks/moses.py WORK --speed"}
    write_json(PARTS / "speed.json", about | {"found": found})


def check(files: Sequence[Path]) -> None:
    """Our metrics of texts, reference and training, beside what molsets said of the same files."""
    written, reference, training = (file.read_text(encoding="utf-8").splitlines() for file in files[:3])
    theirs = json.loads(files[3].read_text(encoding="utf-8"))
    smiles, known = valid(written), valid(reference)
    packed, other = fingerprints(smiles), fingerprints(known)
    ours = {
        "valid": len(smiles) / len(written),
        f"unique@{len(written)}": unique(smiles, len(written)),
        "Novelty": novelty(smiles, training),
        "Filters": passing(smiles, filters(files[3].parent)),
        "IntDiv": diversity(packed, 1),
        "IntDiv2": diversity(packed, 2),
        "FCD/Test": frechet(activations(smiles), activations(known)),
        "SNN/Test": nearest_neighbour(packed, other),
        "Frag/Test": cosine(fragments(smiles), fragments(known)),
        "Scaf/Test": cosine(scaffolds(smiles), scaffolds(known)),
    }
    command = "python benchmarks/moses.py WORK --check WRITTEN REFERENCE TRAINING SAID"
    for system, said in (("ours", ours), ("molsets", theirs)):
        about = {"task": "check", "variant": f"{len(written)} texts", "system": system, "seed": 0, "command": command}
        write_json(PARTS / f"check-{system}.json", about | {"found": {name.split("@")[0]: said[name] for name in ours}})


def combine() -> None:
    """All parts as records, seeds together."""
    records = []
    for (task, variant, system), parts in grouped(PARTS, "task", "variant", "system").items():
        for metric in parts[0]["found"]:
            values = [part["found"][metric] for part in parts]
            records.append(record("moses", metric, values, parts, task=task, variant=variant, system=system))
    write_json(RESULTS / "moses.json", records)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--read", action="store_true")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--check", type=Path, nargs=4, metavar=("WRITTEN", "REFERENCE", "TRAINING", "SAID"))
    asked = parser.parse_args()
    if asked.check:
        check(asked.check)
    elif asked.speed:
        speed(asked.model)
    else:
        for one in asked.seeds:
            run(asked.work, one, asked.model, read=asked.read)
    combine()
