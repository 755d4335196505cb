"""The ADMET models that come with molgen: trained, packed, and judged on the test parts of Therapeutics Data Commons.

    python benchmarks/admet_models.py WORK --variant siblings --member network    a member, an hour on one core, minutes with --device cuda
    python benchmarks/admet_models.py WORK --variant siblings --member trees      the other
    python benchmarks/admet_models.py WORK --variant siblings                     packed into the package, and judged as packed
    python benchmarks/admet_models.py WORK --variant strict [--member ...]        the same, packed into WORK only: strict-fast.zip
    python benchmarks/admet_models.py                                            judges the weights that are in the package

One table of all endpoints of `molgen/data/endpoints.toml`; MOLGEN_DATA names the folder of their files. A recipe of two members:
networks that learn all endpoints at once, and trees for each endpoint apart. `siblings`: a task's test molecules may be learned from in
other endpoints, but not in one that measures the same quantity elsewhere, and neither may one that differs in its stereo centres only.
These are the weights that ship. `strict`: no molecule that is in the test part of any of the group's tasks is learned from at
all, whatever was measured of it; of the small sets, which share their drugs, that leaves a third.
WORK keeps what was fitted, so that an interrupted run goes on.
"""

from __future__ import annotations

import argparse
import pickle
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from admet import CLASSES, METRICS, part, score
from folder import benchmark_files
from tdc_admet import PARTS, combine, trusted

from molgen.base.files import write_json
from molgen.data.catalogue import load
from molgen.data.endpoints import Endpoint, endpoints, gather, read_endpoint
from molgen.data.library import Library
from molgen.models.base import Task
from molgen.models.blend import blended
from molgen.models.predictor import Predictor
from molgen.models.recipe import build, preset
from molgen.models.shipped import FOLDER, pack, shipped
from molgen.models.train import Prepared, prepared

SEED = 1
SHIPPED = "siblings"
MEMBERS = ("network", "trees")


def whole(folder: Path) -> Library:
    """All endpoints in one table, standardised."""
    library = Library.from_frame(gather(folder))
    library.distinct()  # here, so that InChIKeys are worked out once for all variants
    return replace(library, source="molgen/data/endpoints.toml")


def ground(work: Path, folder: Path, variant: str) -> Prepared:
    """What both members are fitted on."""
    library = kept(work / "library.pkl", lambda: whole(folder))
    library = without_tests(folder, library, everywhere=variant == "strict")
    tasks = [Task(endpoint.name, endpoint.kind, endpoint.unit) for endpoint in endpoints().values()]
    return prepared(library, tasks, config=preset("panel"), split="none", seed=SEED, device="cpu")


def without_tests(folder: Path, library: Library, *, everywhere: bool) -> Library:
    """The library without test molecules, or without what was measured of them that a task asks for."""
    skeletons = np.array([key[:14] for key in library.inchikeys])
    columns, apart = library.rows.columns.copy(), np.zeros(len(library), dtype=bool)
    for endpoint in judged():
        tests = test_part(folder, endpoint)
        own = np.isin(skeletons, [key[:14] for key in tests.inchikeys if key])
        apart |= own
        for other in endpoints().values():
            if other.quantity == endpoint.quantity:
                columns.loc[own, other.name] = np.nan
    if everywhere:
        return library.take(~apart)
    return Library(replace(library.rows, columns=columns), library.structures, library.source)


def judged() -> list[Endpoint]:
    """The endpoints that are tasks of the group."""
    return [endpoint for endpoint in endpoints().values() if endpoint.dataset in METRICS]


def test_part(folder: Path, endpoint: Endpoint) -> Library:
    """The official test rows, with their values in the column `value`."""
    table = read_endpoint(folder, endpoint)
    return Library.from_frame(table[table["part"] == "test"].reset_index(drop=True))


def fit(work: Path, folder: Path, variant: str, member: str, device: str) -> None:
    """One member, kept in WORK."""
    ready = kept(work / f"{variant}-ground.pkl", lambda: ground(work, folder, variant))
    options = dict(preset("panel").options["members"][member])
    recipe, training = build(options.pop("predictor"), options), replace(ready.training, device=device)
    kept(work / f"{variant}-{member}.pkl", lambda: timed(lambda: recipe.fit(training, ready.fold_of)))


def timed(make: Callable[[], Any]) -> tuple[Any, float]:
    """What was made, and in how many seconds."""
    began = time.perf_counter()
    made = make()
    return made, time.perf_counter() - began


def kept(path: Path, make: Callable[[], Any]) -> Any:
    """What is in the file; made and put there first, where there is none."""
    if not path.exists():
        made = make()
        draft = path.with_suffix(".partial")
        draft.write_bytes(pickle.dumps(made, protocol=5))
        draft.rename(path)
    return pickle.loads(path.read_bytes())


def models(work: Path, variant: str) -> dict[str, Predictor]:
    """Both tiers, from the members in WORK; the fast one alone where there are no trees yet."""
    ready = pickle.loads((work / f"{variant}-ground.pkl").read_bytes())
    network, seconds = pickle.loads((work / f"{variant}-network.pkl").read_bytes())
    found = {"admet-fast": ready.finished(network, preset("panel-fast"), seconds={"network": seconds})}
    if (work / f"{variant}-trees.pkl").exists():
        trees, more = pickle.loads((work / f"{variant}-trees.pkl").read_bytes())
        kinds = {member: preset("panel").options["members"][member]["predictor"] for member in MEMBERS}
        both = blended(kinds, [network, trees], ready.training, ready.fold_of)
        found["admet"] = ready.finished(both, preset("panel"), seconds={"network": seconds, "trees": more})
    return found


def judge(folder: Path, predictor: Predictor, variant: str, system: str) -> None:
    """Each task's test part, predicted once."""
    names = [task.name for task in predictor.tasks]
    for endpoint in judged():
        tests = test_part(folder, endpoint)
        truth = tests.rows.columns["value"].to_numpy(dtype=float)
        began = time.perf_counter()
        answers = predictor.predict(tests)
        column = names.index(endpoint.name)
        said, silent = answers.mean[:, column].copy(), ~tests.ok
        balance = predictor.card["audit"]["balance"][endpoint.name]
        said[silent] = balance["share_of_1"] if "share_of_1" in balance else balance["median"]
        metric = METRICS[endpoint.dataset]
        found = {metric: score(endpoint.dataset, truth, said), "predict_s": time.perf_counter() - began, "unreadable": int(silent.sum())}
        found["known"] = float(predictor.domain.known.measured[:, column].sum())
        found |= trusted(truth, answers, classes=endpoint.dataset in CLASSES, column=column)
        about = {"task": endpoint.dataset, "variant": variant, "system": f"molgen {system}", "seed": SEED}
        command = f"python benchmarks/admet_models.py{'' if variant == SHIPPED else f' WORK --variant {variant}'}"
        write_json(part(PARTS, endpoint.dataset, f"{system}-{variant}", SEED), about | {"found": found, "command": command})


def ship(name: str, predictor: Predictor) -> None:
    """Packed into the package, ranked among approved drugs."""
    light = predictor.to_ship().among("drug", load("chembl_drugs"))
    told = ("file", "source", "licence", "citation", "sha256")
    sources = {endpoint.name: {key: getattr(endpoint, key) for key in told} for endpoint in endpoints().values()}
    light = replace(light, card=light.card | {"sources": sources})
    packed_as(FOLDER / f"{name}.zip", light)


def packed_as(file: Path, predictor: Predictor) -> None:
    """The predictor in one file."""
    with TemporaryDirectory() as place:
        packed = pack(predictor.save(Path(place) / "model"), file)
    print(f"{file.name}: {packed.stat().st_size / 1e6:.1f} MB", flush=True)


def main() -> None:
    folder = benchmark_files()
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("work", type=Path, nargs="?", help="folder of what was fitted; without it the packed models are judged")
    options.add_argument("--variant", choices=[SHIPPED, "strict"], default=SHIPPED)
    options.add_argument("--member", choices=MEMBERS)
    options.add_argument("--device", default="cpu", help="of the networks' training")
    asked = options.parse_args()
    if asked.work and asked.member:
        asked.work.mkdir(parents=True, exist_ok=True)
        fit(asked.work, folder, asked.variant, asked.member, asked.device)
        return
    made = models(asked.work, asked.variant) if asked.work else {}
    if made and asked.variant == SHIPPED:
        for system, predictor in made.items():
            ship(system, predictor)
    elif made:  # what tdc_admet.py has the preset `informed` lean on
        packed_as(asked.work / f"{asked.variant}-fast.zip", made["admet-fast"].to_ship())
    told = made if asked.variant != SHIPPED else {name: Predictor.load(name) for name in shipped() if name.startswith("admet")}
    for system, predictor in told.items():
        judge(folder, predictor, asked.variant, system)
    combine()


if __name__ == "__main__":
    main()
