"""Whose run a folder holds: files are written over by the request that wrote them, and by no other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from molgen.base.errors import MolgenError
from molgen.base.files import plain, write_json
from molgen.base.provenance import Provenance

_SAYING = ("provenance.json", "run.json")  # files that say which verb wrote them
SEARCH = Path("search", "scored.jsonl")
_UNFINISHED = {"screen": Path("scores", "identity.json"), "generate": SEARCH}  # all that a killed run may have left


def check_verb(folder: Path, *verbs: str) -> None:
    """Nothing when the folder is new or holds a run of these verbs; of another one's it is a MolgenError."""
    said = [str(_read(folder / name).get("verb", "another verb")) for name in _SAYING if (folder / name).is_file()]
    said += [killed for killed, path in _UNFINISHED.items() if (folder / path).is_file()]
    found = said[0] if said else ""
    if found and found not in verbs:
        raise MolgenError(f"the folder holds a run of {found}", where=str(folder), fix="choose another folder")


def check_request(folder: Path, made: Provenance, *, but: Sequence[str] = ()) -> None:
    """The same, and a MolgenError too when the verb was asked for something else `but` these; versions may differ."""
    check_verb(folder, made.verb)
    if (folder / _SAYING[0]).is_file():
        same_or_refuse(_request(_read(folder / _SAYING[0]), but), _request(made.to_dict(), but), folder)


def check_free(folder: Path, *names: str) -> None:
    """Nothing when the folder holds a run, or none of these files; somebody's own, of a name that a run writes, is a MolgenError."""
    if any((folder / name).is_file() for name in (*map(Path, _SAYING), *_UNFINISHED.values())):
        return
    for path in (folder / name for name in names):
        if path.exists():
            raise MolgenError("stands where the run would write, and is no run's", where=str(path), fix="choose another folder")


def claim(folder: Path, verb: str, config: dict[str, Any]) -> None:
    """The folder is this request's from now on, before anything else is in it; another's is a MolgenError."""
    path = folder / f"{verb}.json"
    if path.is_file():
        same_or_refuse(_read(path), plain(config), folder)
    else:
        check_verb(folder)
        write_json(path, config)


def same_request(path: Path, asked: Mapping[str, Any], run: Path) -> None:
    """Nothing when the file of a run says that it was asked for this; else a MolgenError that names what differs."""
    same_or_refuse(_read(path), plain(dict(asked)), run)


def same_or_refuse(before: dict[str, Any], now: dict[str, Any], run: Path) -> None:
    """Nothing when both say the same; else a MolgenError that names what differs."""
    differing = [key for key in {**now, **before} if before.get(key) != now.get(key)]
    if differing:
        raise another(" and ".join(map(_said, differing)), run)


def another(what: str, run: Path) -> MolgenError:
    """The refusal of a folder whose run differs in this."""
    fix = "choose another folder, or delete this one to start again"
    return MolgenError(f"the folder holds a run with another {what}", where=str(run), fix=fix)


def _request(found: dict[str, Any], but: Sequence[str]) -> dict[str, Any]:
    config, inputs = found.get("config") or {}, found.get("inputs") or {}
    return dict(plain({name: said for name, said in {**config, **inputs, "seed": found.get("seed")}.items() if name not in but}))


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise MolgenError("says not whose run the folder holds", where=str(path), fix="choose another folder")
    return found


def _said(key: str) -> str:
    ours = {"versions": "set of versions", "columns": "choice of columns or format", "chunk": "chunk size"}
    return {**ours, "seeds": "set of seeds", "known": "set of known molecules", "seed": "random seed"}.get(key, key)
