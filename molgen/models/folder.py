"""The folder a predictor is kept in: every file listed with its digest, read as data or refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from pydantic import BaseModel, Field, JsonValue

from molgen.base.errors import MolgenError
from molgen.base.files import DRAFT, check_folder_place, move, sha256, write_json, write_text
from molgen.models.base import Model, Task
from molgen.models.calibration import Calibration
from molgen.models.domain import Domain, Known
from molgen.models.files import MANIFEST, broken, check, read_arrays, read_fields, write_arrays, write_fields
from molgen.models.fits import FITS, strangers
from molgen.models.known_pairs import MEASURED, KnownPairs
from molgen.models.manifest import FORMAT, Manifest, calibration_of, domain_of, reference_of, written
from molgen.models.recipe import RecipeConfig, read_model, to_toml
from molgen.models.reference import Reference

_KNOWN, _KNOWN_ARRAYS = "known.json", "known.safetensors"
_OURS = (MANIFEST, "recipe.toml", "card.json", _KNOWN, _KNOWN_ARRAYS, "model")
_BITS_PACKED = 256  # bytes of 2048 bits


def write_folder(
    folder: Path,
    *,
    model: Model,
    tasks: tuple[Task, ...],
    calibration: Calibration,
    domain: Domain,
    recipe: RecipeConfig,
    card: Mapping[str, Any],
    reference: Reference | None,
    known_pairs: KnownPairs | None,
) -> Path:
    """The parts of a predictor as files; it is whole or absent, an older one there is replaced, files that are none of ours stay."""
    check_free(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Inside a folder that is there already: it may be a link, or a disk of its own that nothing is moved into at a stroke.
    with TemporaryDirectory(dir=folder if folder.is_dir() else folder.parent, prefix=DRAFT) as name:
        draft = Path(name) / "new"
        draft.mkdir()  # of its own, since the one around it is private and a model is for the team
        _write_parts(draft, model, domain, recipe, card, known_pairs)
        files = {path.relative_to(draft).as_posix(): sha256(path) for path in sorted(draft.rglob("*")) if path.is_file()}
        write_fields(draft / MANIFEST, written(tasks, calibration, domain, recipe, reference, files))
        if folder.is_dir():
            _replace(folder, draft, Path(name) / "old")
        else:
            draft.rename(folder)
    return folder


def check_free(folder: Path) -> None:
    """Nothing when a predictor can be saved there: a folder that is new, empty, or has one of ours, finished or not; else a MolgenError."""
    check_folder_place(folder)
    if foreign := strangers(folder):
        raise MolgenError("lies where a training keeps its fits", where=str(foreign[0]), fix="move it elsewhere, or choose another folder")
    if not folder.is_dir() or all(path.name == FITS or path.name.startswith(DRAFT) for path in folder.iterdir()):
        return
    own = _own_files(folder)
    for name in _files(folder):
        if name not in own and PurePosixPath(name).parts[0] in _OURS:
            fix = "move it elsewhere, or choose another folder"
            raise MolgenError("stands where a predictor is to be saved and is no part of the one there", where=str(folder / name), fix=fix)


def _own_files(folder: Path) -> set[str]:
    """Those the folder's manifest lists, and the manifest: all that another predictor may take the place of.

    What was killed while it put a predictor in place leaves no manifest, but has it in its draft.
    """
    listed = set[str]()
    try:
        for manifest in _manifests(folder):
            listed |= {MANIFEST, *read_fields(manifest, _Listed).files}
    except MolgenError:
        listed.clear()
    if not listed:
        raise MolgenError("exists and is not a saved predictor", where=str(folder), fix="choose another folder")
    return listed.intersection(_files(folder))


def _manifests(folder: Path) -> list[Path]:
    return [path for pattern in (MANIFEST, f"{DRAFT}*/*/{MANIFEST}") for path in sorted(folder.glob(pattern)) if path.is_file()]


def _files(folder: Path) -> list[str]:
    """All that is in the folder but for its folders, links to others not followed."""
    return [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir()]


def _replace(folder: Path, new: Path, old: Path) -> None:
    """The files of `new` in the folder, those of the predictor it held in `old`; nothing else is touched."""
    gone = _own_files(folder) if _manifests(folder) else set()
    # The manifest goes first and comes last: whoever looks meanwhile finds no predictor, not half of one.
    leave = [(folder / name, old / name) for name in sorted(gone, key=lambda name: name != MANIFEST)]
    enter = [(new / name, folder / name) for name in sorted(_files(new), key=lambda name: name == MANIFEST)]
    move(leave + enter)
    for place in sorted({folder / parent for name in gone for parent in PurePosixPath(name).parents[:-1]}, reverse=True):
        if not any(place.iterdir()):
            place.rmdir()


def read_card(folder: Path) -> dict[str, Any]:
    """The card of the predictor there, and nothing else of it; refused where it is not as it was saved."""
    files = _read_manifest(folder).files
    check("card.json" in files, folder / MANIFEST, "card.json is not listed")
    _check_digests(folder, {"card.json": files["card.json"]})
    return read_fields(folder / "card.json", _Card).model_dump()


def read_folder(folder: Path) -> dict[str, Any]:
    """The parts of a predictor by name; a wrong format, a missing or altered file and an unknown predictor are refused."""
    manifest = _read_manifest(folder)
    _check_digests(folder, manifest.files)
    for name in ("recipe.toml", "card.json", _KNOWN, _KNOWN_ARRAYS):
        check(name in manifest.files, folder / MANIFEST, f"{name} is not listed")
    recipe = RecipeConfig.from_toml(folder / "recipe.toml")
    model = read_model(manifest.predictor, folder / "model")
    tasks = tuple(Task(task.name, task.kind, task.unit, task.scale) for task in manifest.tasks)
    _check_says(model, len(tasks), folder)
    domain = domain_of(manifest, _read_known(folder, len(tasks)))
    card = read_fields(folder / "card.json", _Card).model_dump()
    return {
        "model": model,
        "tasks": tasks,
        "calibration": calibration_of(manifest, folder / MANIFEST),
        "domain": domain,
        "recipe": recipe,
        "card": card,
        "reference": reference_of(manifest),
        "known_pairs": _read_pairs(folder, manifest, model, len(domain.known)),
    }


def _read_pairs(folder: Path, manifest: Manifest, model: Model, molecules: int) -> KnownPairs | None:
    """None where it has none, as shipped models and older ones."""
    known = model.known_partners
    if known is None or f"model/{MEASURED}" not in manifest.files:  # a file that is not listed is none of its own
        return None
    return KnownPairs.read(folder / "model", known, molecules)


def _read_manifest(folder: Path) -> Manifest:
    if not (folder / MANIFEST).is_file():
        fix = "its training has not ended: the same command goes on with it" if (folder / FITS).is_dir() else ""
        raise MolgenError(f"no saved predictor here: {MANIFEST} is missing", where=str(folder), fix=fix)
    found = read_fields(folder / MANIFEST, _Format).format
    if found != FORMAT:
        raise MolgenError(f"saved in format {found}, want {FORMAT}", where=str(folder), fix="train it again with this version")
    return read_fields(folder / MANIFEST, Manifest)


class _Format(BaseModel):
    format: int


class _Listed(BaseModel):
    files: dict[str, str]  # of a predictor in any format


class _Known(BaseModel):
    ids: tuple[str, ...] = Field(min_length=1)
    smiles: tuple[str, ...]


class _Card(BaseModel, extra="allow"):
    tasks: list[JsonValue]
    metrics: dict[str, JsonValue]


def _write_parts(
    draft: Path, model: Model, domain: Domain, recipe: RecipeConfig, card: Mapping[str, Any], known_pairs: KnownPairs | None
) -> None:
    write_text(draft / "recipe.toml", to_toml(recipe.model_dump()) + "\n")
    write_json(draft / "card.json", dict(card))
    known = domain.known
    write_fields(draft / _KNOWN, {"ids": known.ids, "smiles": known.smiles})
    told = {"values": known.values, "measured": known.measured, "fold": known.fold.astype(np.int8)}
    write_arrays(draft / _KNOWN_ARRAYS, {"bits": known.packed, **told})
    (draft / "model").mkdir()
    model.write(draft / "model")
    if known_pairs is not None:
        known_pairs.write(draft / "model")


def _check_digests(folder: Path, files: Mapping[str, str]) -> None:
    for name, wanted in files.items():
        inside = PurePosixPath(name)
        check(
            not inside.is_absolute() and ".." not in inside.parts and "\0" not in name,
            folder / MANIFEST,
            f"lists {name!r}, which is outside",
        )
        path = folder / inside
        if not path.is_file():
            raise broken(path, "the file is missing")
        check(sha256(path) == wanted, path, "its digest is not the one it was saved with")


def _check_says(model: Model, tasks: int, folder: Path) -> None:
    """Asked about one molecule, the model must answer for each task: arrays of odd shapes end here, not in a screen."""
    try:
        said = model.predict(model.example())
    except (ValueError, IndexError, FloatingPointError, RuntimeError) as error:
        raise broken(folder / "model", str(error).splitlines()[0]) from None
    check(said.mean.shape == said.spread.shape == (1, tasks), folder / "model", f"answers {said.mean.shape[1]} tasks, want {tasks}")


def _read_known(folder: Path, tasks: int) -> Known:
    fields = read_fields(folder / _KNOWN, _Known)
    arrays = read_arrays(folder / _KNOWN_ARRAYS, {"bits": ("u", 2)})
    check("values" in arrays and arrays["values"].dtype == np.float64, folder / _KNOWN_ARRAYS, "no values")
    rows = len(fields.ids)
    check(len(fields.smiles) == rows, folder / _KNOWN, "ids and structures of different molecules")
    check(
        arrays["bits"].shape == (rows, _BITS_PACKED) and arrays["bits"].dtype == np.uint8, folder / _KNOWN_ARRAYS, "bits of other molecules"
    )
    check(arrays["values"].shape == (rows, tasks), folder / _KNOWN_ARRAYS, "values of other molecules or tasks")
    check(arrays.get("measured") is not None and arrays["measured"].dtype == bool, folder / _KNOWN_ARRAYS, "no word of what was measured")
    check(arrays["measured"].shape == (rows, tasks), folder / _KNOWN_ARRAYS, "another word of what was measured")
    check(bool(arrays["measured"].any(axis=0).all()), folder / _KNOWN_ARRAYS, "a task without a measurement")
    fold = arrays.get("fold", np.full(rows, -1)).astype(np.int64)  # models saved earlier say nothing of folds
    check(fold.shape == (rows,) and bool((fold >= -1).all()), folder / _KNOWN_ARRAYS, "folds of other molecules")
    return Known(fields.ids, fields.smiles, arrays["values"], arrays["bits"], arrays["measured"], fold)
