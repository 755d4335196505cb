"""A model's card as a person reads it: what it says, from which data, how well, where it fails, how far to trust it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from molgen.base.wanted import checked
from molgen.data.endpoints import endpoints
from molgen.models.folder import read_card
from molgen.models.shipped import notes, opened, ours
from molgen.report.headline import METRIC_NAMES
from molgen.report.text import MISSING, metric, percent, significant

# Below which a task is not to be leant on: AUROC, and R2 of values, in decades where the card has that.
_LEAST = {"classification": ("auroc", 0.7), "regression": ("r2", 0.3)}
_SHOWN = {"regression": ("rmse", "mae", "r2", "spearman"), "classification": ("auroc", "auprc", "mcc", "brier")}
_DECADES = {"rmse_log10": "RMSE, decades", "r2_log10": "R², decades", "within_2fold": "within 2-fold", "gmfe": "fold error"}
_FEWEST, _WORSE = 20, 1.25  # rows by which a task, or a group of them, is judged, and by how much a group must err more than all
_MARKUP = re.compile(r"[`*<]")
_MOST_GROUPS = 8  # told of a model of few tasks; of one with many the worst of each


@dataclass(frozen=True)
class Grid:
    """A table of plain text; columns of `code` are names and structures."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    code: frozenset[int] = frozenset({0})


@dataclass(frozen=True)
class Section:
    """One question and its answer."""

    title: str
    words: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()


@dataclass(frozen=True)
class CardPage:
    """A card, put into words: as Markdown, or as an HTML page that needs no network."""

    name: str
    card: dict[str, Any] = field(repr=False)
    sections: tuple[Section, ...] = field(repr=False)

    def to_markdown(self) -> str:
        """The card as Markdown, in sections."""
        return "\n".join([f"# {_words(self.name)}", "", *(line for section in self.sections for line in _lines(section))])

    _repr_markdown_ = to_markdown  # in a notebook

    def to_html(self) -> str:
        """The same as a page; every text in it is escaped, and nothing in it runs."""
        environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        return environment.from_string(_asset("card.html.jinja")).render(page=self, style=Markup(_asset("style.css")))


@checked
def card(model: Path | str) -> CardPage:
    """The card of the model in a folder, or of one that comes with molgen, by its name; a MolgenError where there is none.

    >>> page = card("kinases")
    >>> [section.title for section in page.sections][:3]
    ['What it says', 'What it learned from', 'How well it does']
    """
    model = Path(model)
    with opened(model) as folder:
        found = read_card(folder)
    shipped = str(model) if ours(model, model) else ""
    return CardPage(shipped or model.resolve().name, found, tuple(_sections(found, shipped)))


def is_weak(card: Mapping[str, Any], task: str, kind: str) -> bool:
    """Whether what the model had not seen says not to lean on this task: R2 below 0.3, of classes AUROC below 0.7."""
    found = _worth(card, task, kind)
    return found is not None and found.value < _LEAST[kind][1]


class _Worth(NamedTuple):
    """By what a task is judged."""

    part: str
    measure: str
    value: float


def _worth(card: Mapping[str, Any], task: str, kind: str) -> _Worth | None:
    """Of the part that the audit is of, or of another where that is too small; None where nothing was there to judge it by."""
    measure, parts = _LEAST[kind][0], card["metrics"].get(task, {})
    for part in sorted(parts, key=lambda part: part != card.get("audit", {}).get("part")):
        for name in (f"{measure}_log10", measure):
            if parts[part].get("n", 0) >= _FEWEST and parts[part].get(name) is not None:
                return _Worth(part, name, parts[part][name])
    return None


def _partners(card: Mapping[str, Any]) -> dict[str, int]:
    """Of a model of pairs how many partners it has learned from, by what they are called; of a blend each member says what it has seen."""
    chosen = card.get("chosen", {})
    about = [chosen, *chosen.get("members", {}).values()]
    return {kind: many for kind in ("proteins", "cell lines") if (many := max(one.get(kind, 0) for one in about))}


def _rows(card: Mapping[str, Any]) -> str:
    """What a row is."""
    return "pair" if _partners(card) else "molecule"


def _sections(card: dict[str, Any], shipped: str) -> Iterator[Section]:
    yield Section("What it says", (), (_tasks(card),))
    yield Section("What it learned from", tuple(_account(card)), tuple(_sources(card, shipped)))
    yield Section("How well it does", tuple(_test(card)), tuple(_measures(card)))
    yield Section("Where it fails", tuple(_failures(card, shipped)), tuple(_worst(card)))
    yield Section("When to trust it", (*_trust(card), *card.get("use", ()), *card.get("limits", ())))
    yield Section("How it was made", tuple(_making(card)))


def _tasks(card: Mapping[str, Any]) -> Grid:
    """What each task is; of our own endpoints what it means and which way is better as well."""
    known = endpoints() if str(card.get("source", "")).endswith("endpoints.toml") else {}
    rows = []
    for task in card["tasks"]:
        name, unit = task["name"], task["unit"]
        unit = "probability" if task["kind"] == "classification" else unit or MISSING
        learned = "logarithm" if task["scale"] == "log" else MISSING
        rows.append((name, unit, learned, *((known[name].about, known[name].better or MISSING) if name in known else ())))
    head = ("task", "unit", "learned as")
    return Grid((*head, "says", "better") if known else head, tuple(rows))


def _account(card: Mapping[str, Any]) -> Iterator[str]:
    rows, source = card["rows"], card.get("source") or "a library in memory"
    parts = ("rejected", "unlabelled", "repeats", "train", "valid", "test")
    told = " + ".join(f"{rows[part]:,} {part}" for part in parts if rows.get(part))
    yield f"{source}: {rows['read']:,} rows = {told}."
    if rows.get("bounds"):
        yield f"Bounds among the values: {rows['bounds']:,}, learned from as such, and judged by none."
    for what, about in (("problems", "Values refused"), ("conflicts", f"Values of one {_rows(card)} that disagree, counted by task")):
        counts = card.get("counts", {}).get(what) or {task: len(found) for task, found in card.get(what, {}).items()}
        if total := sum(counts.values()):
            yield f"{about}: {total:,}."


def _sources(card: Mapping[str, Any], shipped: str) -> Iterator[Grid]:
    """Data by citation and licence, with how many tasks rest on each."""
    count: dict[tuple[str, str], int] = {}
    for source in card.get("sources", {}).values():
        of = source["citation"], source["licence"]
        count[of] = count.get(of, 0) + 1
    if count:
        yield Grid(("data", "licence", "tasks"), tuple((*of, str(n)) for of, n in count.items()), frozenset())
    elif own := notes(shipped).data:
        yield Grid(("data", "licence"), tuple(own), frozenset())


def _test(card: Mapping[str, Any]) -> Iterator[str]:
    split = card["split"]
    yield f"Held out: {split['folds']} {split['fold_method']} folds, each predicted by a model that had not seen it."
    if card["rows"].get("test"):
        yield f"Test: {card['rows']['test']:,} {_rows(card)}s that nothing was learned from, split by {split['method']}."
    if leak := card.get("audit", {}).get("leakage"):
        twins, near, scaffold = (percent(leak[name]) for name in ("same_skeleton", "nearly_the_same", "same_scaffold"))
        if _partners(card):
            yield f"Of the test pairs {twins} have a molecule that training has too, with another partner, or a stereoisomer of one."
        else:
            yield f"What training gives away of the test part: {twins} are stereoisomers of a training molecule, {near} nearly the same."
        yield f"{scaffold} share a scaffold with training."


def _measures(card: Mapping[str, Any]) -> Iterator[Grid]:
    """Values and classes have measures of their own, what is learned as logarithms is judged in decades too."""
    asked, seen = card["calibration"]["asked"], card["calibration"]["seen"]
    for kind, shown in _SHOWN.items():
        told = [
            (task, part, values, seen.get(task, {}).get(part))
            for task in _names(card, kind)
            for part, values in card["metrics"].get(task, {}).items()
        ]
        if not told:
            continue
        columns = [*shown, *(name for name in _DECADES if any(name in values for _, _, values, _ in told))]
        names = [_called(name) for name in columns]
        head = ("task", "part", "n", *names, f"{'sets' if kind == 'classification' else 'intervals'} that hold, asked {_share(asked)}")
        rows = (
            (task, part, f"{values['n']:,.0f}", *(metric(values.get(name)) for name in columns), percent(held))
            for task, part, values, held in told
        )
        yield Grid(head, tuple(rows))


def _failures(card: Mapping[str, Any], shipped: str) -> Iterator[str]:
    judged = {task["name"]: _worth(card, task["name"], task["kind"]) for task in card["tasks"]}
    if unknown := [task for task, found in judged.items() if found is None]:
        yield f"Nothing, or too little, is there to judge by: {', '.join(unknown)}."
    for kind, (measure, least) in _LEAST.items():
        weak = [(task, judged[task]) for task in _names(card, kind) if is_weak(card, task, kind)]
        told = [f"{task} ({_called(found.measure)} {metric(found.value)}, {found.part})" for task, found in weak if found is not None]
        if told:
            yield f"Do not lean on these, whose {_called(measure)} is below {least:g}: {', '.join(told)}."
    if any(task["scale"] == "log" and found is not None and found.measure == "r2" for task, found in zip(card["tasks"], judged.values())):
        yield "R² of values over orders of magnitude is decided by the few largest: look at Spearman ρ beside it."
    yield from notes(shipped).failures
    large = [over >= _WORSE for over, _ in _groups(card)]
    among = f"groups of {_FEWEST} or more {_rows(card)}s that err at least {_WORSE:g} times as much as all of their task"
    yield "Too few were judged to tell groups apart." if not large else f"Below: {among}." if any(large) else f"There are no {among}."


def _worst(card: Mapping[str, Any]) -> Iterator[Grid]:
    """The groups of the audit that err most, by size, charge, scaffold, similarity, cliff or the user's own column."""
    rows = [row for over, row in sorted(_groups(card), key=lambda one: -one[0]) if over >= _WORSE]
    if len(card["tasks"]) > _MOST_GROUPS:
        worst: dict[str, tuple[str, ...]] = {}
        for row in rows:
            worst.setdefault(row[0], row)
        rows = list(worst.values())
    else:
        rows = rows[:_MOST_GROUPS]
    if rows:
        yield Grid(("task", "by", "group", "n", "error", "of all", "told, on average"), tuple(rows), frozenset({0, 2}))


def _groups(card: Mapping[str, Any]) -> Iterator[tuple[float, tuple[str, ...]]]:
    """By how much each group of the audit that is large enough errs more than all of its task, and its row of the table."""
    for task, kinds in card.get("audit", {}).get("errors", {}).items():
        whole = _judged(card, task)
        for by, groups in kinds.items():
            for name, values in groups.items():
                measure = next(key for key in values if key.startswith(("rmse", "brier")))
                bias = next(value for key, value in values.items() if key.startswith("bias"))
                if values["n"] >= _FEWEST and values[measure] is not None and whole.get(measure):
                    over = values[measure] / whole[measure]
                    error, usual = (f"{_called(measure)} {metric(value)}" for value in (values[measure], whole[measure]))
                    lean = f"{significant(abs(bias), 2)} too {'high' if bias > 0 else 'low'}"
                    yield over, (task, by, name, f"{values['n']:,}", error, usual, lean)


def _trust(card: Mapping[str, Any]) -> Iterator[str]:
    domain = card["domain"]
    least = [value for value in domain["thresholds"].values() if value is not None]
    low, high = (significant(one(least), 2) if least else MISSING for one in (min, max))
    reach = f"{low} or more" if low == high else f"{low} to {high} or more, by task"
    sizes = ", and of a size among theirs" if domain.get("sizes") else ""
    yield (
        f"Inside the domain: as like one of its {domain['molecules']:,} known molecules as they are to each other "
        f"({domain['similarity']}: {reach}){sizes}."
    )
    for partners, many in _partners(card).items():
        yield f"A pair is inside only if its partner is near one of the {many:,} {partners} learned from as well."
    asked = _share(card["calibration"]["asked"])
    yield f"Intervals and sets are made to hold {asked} of true values, by what was held out, of which they hold that by construction."


def _making(card: Mapping[str, Any]) -> Iterator[str]:
    recipe, seconds = card["recipe"], card.get("seconds", {})
    yield f"Predictor {recipe['predictor']}, seed {card.get('seed', MISSING)}, {significant(sum(seconds.values()), 3)} s."
    versions = card.get("provenance", {}).get("versions", {})
    if versions:
        yield "With " + ", ".join(f"{name} {version}" for name, version in versions.items()) + "."
    data, key = card.get("data", "")[:16], card.get("provenance", {}).get("key", "")[:16]
    yield f"Data {data or MISSING}, run {key or MISSING}; the whole is in card.json."


def _judged(card: Mapping[str, Any], task: str) -> Mapping[str, float]:
    """Its metrics on the part that the audit is of."""
    parts: Mapping[str, Mapping[str, float]] = card["metrics"].get(task, {})
    return parts.get(card.get("audit", {}).get("part", ""), next(iter(parts.values()), {}))


def _share(asked: float) -> str:
    return f"{100 * asked:g} %"


def _called(measure: str) -> str:
    return METRIC_NAMES.get(measure, _DECADES.get(measure, measure))


def _names(card: Mapping[str, Any], kind: str) -> list[str]:
    return [task["name"] for task in card["tasks"] if task["kind"] == kind]


def _lines(section: Section) -> Iterator[str]:
    yield from (f"## {section.title}", "")
    for sentence in section.words:
        yield f"- {_words(sentence)}"
    if section.words:
        yield ""
    for grid in section.grids:
        yield f"| {' | '.join(grid.head)} |"
        yield f"|{'---|' * len(grid.head)}"
        for row in grid.rows:
            cells = (_code(cell) if i in grid.code else _words(cell) for i, cell in enumerate(row))
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
        yield ""


def _words(text: str) -> str:
    """On one line, and nothing in it taken for markup."""
    return _MARKUP.sub(lambda found: "\\" + found[0], " ".join(text.split()))


def _code(text: str) -> str:
    """As it is typed; what has backticks itself stands between two."""
    flat = " ".join(text.split())
    return f"`` {flat} ``" if "`" in flat else f"`{flat}`"


def _asset(name: str) -> str:
    return files("molgen.report").joinpath(name).read_text(encoding="utf-8")
