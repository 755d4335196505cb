"""The search itself: ask, standardise, score what is new, tell, until the budget is spent."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from molgen.base.errand import Caught
from molgen.base.errors import MolgenError
from molgen.base.files import check_folder_place, content, sweep
from molgen.base.provenance import Provenance
from molgen.base.wanted import checked
from molgen.data import catalogue
from molgen.data.library import Library
from molgen.data.readers import read
from molgen.generate.base import GENERATORS, OURS, Generator
from molgen.generate.constraints import Constraints
from molgen.generate.journal import Journal
from molgen.generate.ledger import Ledger
from molgen.generate.outcome import FAILED, FILES, INTERRUPTED, Given, ended
from molgen.score.config import read_objective
from molgen.score.folder import check_free, check_request
from molgen.score.identity import identity
from molgen.score.objective import Objective
from molgen.score.ranking import Ranking
from molgen.score.scores import Scores

Progress = Callable[[int, int, float], None]  # molecules scored, budget, best score so far

_ROUNDS_WITHOUT_NEWS = 10  # batches in a row that hold nothing new: the generator has run dry
_SHIPPED = 1_000  # molecules that come with molgen to start from, when no others are given
_SHOWN = 3_000  # likewise, of which the nearest is shown when no library is given: a second
_REFERENCE = 5_000  # known molecules that are enough to say what is normal
_LATER = ("budget", "top", "diverse", "library")  # what a run may be asked for anew: none of them changes a score


@checked
def generate(
    objective: Objective | Path | str,
    *,
    seeds: Library | Sequence[str] | Path | str | None = None,
    budget: int,
    generator: str = "genetic",
    options: Mapping[str, Any] | None = None,
    keep: str | None = None,
    decorate: str | None = None,
    link: str | None = None,
    edit: str | None = None,
    avoid: str | Sequence[str] = (),
    allow: str | Sequence[str] = (),
    top: int = 100,
    diverse: float | None = None,
    seed: int = 0,
    batch: int = 64,
    known: Library | Sequence[str] | Path | str | None = None,
    library: Library | Sequence[str] | Path | str | None = None,
    progress: Progress | None = None,
    out: Path | None = None,
) -> Ranking:
    """The best new molecules found while scoring at most `budget` distinct ones, best first.

    `keep` is a substructure (SMILES or SMARTS) that every proposal has, `avoid` are some that none has. `decorate`, `link`
    and `edit` say what else stays: a scaffold but at its stars, pieces that one linker is to join at their stars, a lead
    but for its numbered atoms (see `Frame`). All are obeyed without exception. Neither seeds nor molecules of `known` are
    ever proposed, nor the drawing of one without its stereo, though their scores guide the search and count; `known` also
    shows what is normal. `library` is what could be had instead, a vendor's list say: its molecule most like each proposal
    is shown, or that of a sample that ships with molgen. Without `seeds`, the search starts from such lead-like molecules
    too. No two proposals share an InChIKey, with `diverse` no two are more alike than that (Tanimoto, ECFP4), none has a
    structural alert but those that what stays, or every seed, brings, or that `allow` names ("all": any). `seeds`, `known`
    and `library` are a library, SMILES, or a file; a string is the file of that name if there is one, else one SMILES. A
    string as `avoid` is one substructure. A molecule that a goal has no value for is rejected with that reason. The same
    `seed` gives the same list.

    Interrupting a run ends it early with what it found; an error of a term is raised once that is written. With `out`, the
    files are written there, all that was scored among them, unless this run is cut short and the one there came farther.
    Scores are on disk batch by batch: the same call goes on after an interruption of any kind, scoring anew no more than
    the batch it was at, and so does one with another `budget`, `top`, `diverse` or `library`. A folder of a run that was
    asked for something else is refused.
    """
    _check(budget=budget, top=top, batch=batch)
    if seed < 0:
        raise MolgenError(f"seed is {seed}, want at least 0", where="seed")
    if diverse is not None and not 0 < diverse <= 1:
        raise MolgenError(f"diverse is {diverse}, want a similarity in (0, 1]")
    out = None if out is None else Path(out).absolute()  # wherever a goal may change to
    start = _shipped(_SHIPPED) if seeds is None else _library(seeds, "seeds")
    known = None if known is None else _library(known, "known")
    bought = _shipped(_SHOWN) if library is None else _library(library, "library")
    if not bought.ok.any():
        raise MolgenError(f"none of its {len(bought)} rows is a molecule", where="library")
    constraints = Constraints.of(keep=keep, decorate=decorate, link=link, edit=edit, avoid=avoid, allow=allow)
    objective = objective if isinstance(objective, Objective) else read_objective(Path(objective))
    source = _build(generator, options, start, constraints, known)
    lead = Library.of([constraints.lead] if constraints.lead else [])
    ledger = Ledger(constraints=constraints, seeds=_whole(start), known=_not_novel(start, known, lead))
    config = {"objective": objective.key, "budget": budget, "generator": generator, "options": _written(options or {})}
    config |= {**constraints.config, "top": top, "diverse": diverse, "batch": batch}
    config |= {} if library is None else {"library": bought.digest}
    inputs = {"seeds": start.digest, **_inside(options or {})} | ({"known": known.digest} if known is not None else {})
    made = Provenance(verb="generate", config=config, inputs=inputs, seed=seed)
    with _scoring(objective, out, made) as score:
        stop = FAILED
        with Caught() as caught:  # an error of a term, say: what it had scored before is not lost
            stop = _search(score, source, ledger, budget=budget, batch=batch, rng=np.random.default_rng(seed), progress=progress)
        if caught.error is not None and (out is None or not ledger.calls):
            raise caught.error
        had = [library for library in (start, known) if library is not None]
        given = Given(objective, source, had, bought, made, frozenset() if seeds is None else frozenset(start.smiles))
        sum_up = partial(ended, ledger, given, top=top, diverse=diverse, out=out)
        try:
            return sum_up(stop=stop)
        except KeyboardInterrupt:  # the search is done: it is summed up after all, unless that is interrupted too
            return sum_up(stop=INTERRUPTED)
        finally:
            if caught.error is not None:
                raise caught.error


@contextmanager
def _scoring(objective: Objective, out: Path | None, made: Provenance) -> Iterator[Callable[[Library], Scores]]:
    """What scores molecules; with a folder, it is this run's alone while the block runs, and one that can't be is a MolgenError."""
    if out is None:
        yield objective.score
        return
    check_folder_place(out)
    check_request(out, made, but=_LATER)
    check_free(out, *FILES)
    asked = {name: said for name, said in made.config.items() if name not in _LATER}
    with Journal.opened(objective, out, {**asked, **made.inputs, "seed": made.seed, "versions": made.versions}) as journal:
        check_request(out, made, but=_LATER)  # another may have ended since
        sweep(out, *FILES)
        yield journal.score


def _shipped(most: int) -> Library:
    rows = catalogue.load_rows("moses_sample")
    return Library.of(rows.raw[:most], ids=rows.ids[:most])


def _library(given: Library | Sequence[str] | Path | str, name: str) -> Library:
    """What was given as a library; a string that is neither a file nor a SMILES is refused, most likely it is a slip in a file's name."""
    if isinstance(given, Library):
        return given
    if isinstance(given, Path) or (isinstance(given, str) and os.path.isfile(given)):
        return read(given)
    library = Library.of([given] if isinstance(given, str) else given)
    if isinstance(given, str) and library.rejects:
        raise MolgenError(f"{given!r} is neither a file nor a SMILES: {library.rejects[0].reason}", where=name)
    return library


def _check(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise MolgenError(f"{name} is {count}, want at least 1", where=name)


def _build(name: str, options: Mapping[str, Any] | None, seeds: Library, constraints: Constraints, known: Library | None) -> Generator:
    options = dict(options or {})
    for ours in sorted(OURS):
        if ours in options:
            raise MolgenError(f"{ours!r} is not an option of a generator", where="options", fix=f"give {ours} to the run itself")
    start = _whole(seeds)
    if not start and not constraints.begin:
        raise MolgenError(f"none of the {len(seeds)} seeds is a molecule of one piece", where="seeds")
    if len(start) < len(seeds.distinct()):
        pieces = len(seeds.distinct()) - len(start)
        logging.getLogger(__name__).warning("%d of the seeds are of more than one piece: the search does not start from them", pieces)
    reference = _whole(known)[:: max(1, len(known) // _REFERENCE)] if known is not None else []
    built: Generator = GENERATORS.build(name, {**options, "seeds": start, "constraints": constraints, "reference": reference})
    return built


def _written(value: Any) -> Any:
    """Options as the provenance has them, a function by its name."""
    if isinstance(value, Mapping):
        return {str(name): _written(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_written(one) for one in value]
    return getattr(value, "__qualname__", type(value).__qualname__) if callable(value) else value


def _inside(options: Mapping[str, Any]) -> dict[str, str]:
    """Digests of what options only name: files and functions."""
    found: dict[str, str] = {}
    for name, value in options.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{inner}": said for inner, said in _inside(value).items()}
        elif callable(value):
            found[name] = identity(value)
        elif isinstance(value, (str, Path)) and (said := content(value)) is not None:
            found[name] = said
    return found


def _whole(library: Library) -> list[str]:
    """Distinct parents of one piece."""
    return [smiles for smiles in library.distinct().smiles if "." not in smiles]


def _not_novel(*libraries: Library | None) -> set[str]:
    return {key for library in libraries if library is not None for key in library.inchikeys if key}


def _search(
    score: Callable[[Library], Scores],
    source: Generator,
    ledger: Ledger,
    *,
    budget: int,
    batch: int,
    rng: np.random.Generator,
    progress: Progress | None,
) -> str:
    """Why the search ended; what it found is in the ledger."""
    idle, sound = 0, ledger.mark()
    try:
        while ledger.calls < budget:
            # Always asked for a whole batch: a longer search of the same request asks for the same, and finds every score of this one.
            asked, new = ledger.admit(source.ask(batch, rng), budget - ledger.calls)
            if len(new):
                ledger.record(new, score(new))
            if len(asked):
                source.tell(asked.smiles, ledger.totals(asked))
            idle, sound = 0 if len(new) else idle + 1, ledger.mark()
            if idle >= _ROUNDS_WITHOUT_NEWS:
                return f"nothing new in {idle} rounds"
            if progress is not None and ledger.trace.best:
                progress(ledger.calls, budget, ledger.trace.best[-1])
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        ledger.back_to(sound)  # the same where a round was whole
    return "budget spent"
