"""A run folder made up by hand, hostile names and all, and a reader of the page made from it."""

import csv
import json
from html.parser import HTMLParser

import pytest

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "\"><img src=x onerror=alert(3)>",
    "'; alert(4); '",
    "$$$$",
    "{{ 7 * 7 }}{% raw %}",
    "naïve-化合物-\u202e\U0001f9ea",
    "a&amp;b",
    "comma, and\nnew line",
]
SMILES = ["CCO", "c1ccccc1O", "CC(=O)Oc1ccccc1C(=O)O", "CN1CCC[C@H]1c1cccnc1", "O=C(O)c1ccccc1"]
GOALS = [
    {"name": "pKi", "unit": "", "weight": 2.0, "caution": 1.0, "curve": {"raw": [5, 6, 8, 9], "desirability": [0, 0, 1, 1]}},
    {"name": "logP", "unit": "log10", "weight": 1.0, "caution": 0.0, "curve": {"raw": [-1, 0, 1, 3, 5], "desirability": [0, 0, 1, 1, 0]}},
]


def molecule(i):
    """Row `i` of a ranking: everything a screen writes."""
    pki = 9.0 - 0.1 * i
    return {
        "vendor": f"shop {i % 3}",
        "molgen_rank": i + 1,
        "molgen_id": HOSTILE[i] if i < len(HOSTILE) else f"cpd-{i:03d}",
        "molgen_smiles": SMILES[i % len(SMILES)],
        "molgen_changes": "salt removed" if i == 11 else "",
        "molgen_score": round(0.95 - 0.02 * (i % 40), 4),
        "molgen_pKi": pki,
        "molgen_pKi_spread": 0.4123,
        "molgen_pKi_desirability": max(0.0, min(1.0, (pki - 6) / 2)),
        "molgen_pKi_low": pki - 0.7,
        "molgen_pKi_high": pki + 0.7,
        "molgen_pKi_in_domain": i % 4 != 1,
        "molgen_pKi_similarity": 0.3 + 0.01 * (i % 50),
        "molgen_pKi_nearest_id": "<b>known</b>" if i == 0 else f"known-{i % 7}",
        "molgen_pKi_nearest_smiles": SMILES[(i + 1) % len(SMILES)],
        "molgen_pKi_nearest_value": 7.25,
        "molgen_logP": (i * 37 % 30) / 10,
        "molgen_logP_desirability": 0.5,
        "molgen_alert_names": "PAINS: quinone; nitro <i>" if i == 2 else "",
    }


def write_csv(path, rows):
    with path.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def run_record(ranked, **more):
    counts = {"read": ranked + 12, "ranked": ranked, "cut": 5, "rejected": 4, "duplicates": 3}
    return {"format": 1, "title": "Hits <b>now</b>", "verb": "screen", "counts": counts, "goals": GOALS, **more}


MODELS = [
    {
        "name": "pKi",
        "rows": [
            {"system": "GNN", "rmse": 0.71, "r2": 0.61, "spearman": 0.79, "n": 195},
            {"system": "blend", "rmse": 0.63, "r2": 0.70, "spearman": 0.84, "n": 195},
            {"system": "mean", "rmse": 1.14, "r2": -0.01, "spearman": None, "n": 195},
        ],
        "coverage": {"asked": 0.9, "seen": 0.887},
        "note": "scaffold split",
    }
]
ENRICHMENT = {
    "actives": 100, "library": 5000, "ef_1": 27.1, "auroc": 0.82, "bedroc": 0.61,
    "roc": {"fpr": [0, 0.01, 0.1, 0.5, 1], "tpr": [0, 0.4, 0.6, 0.85, 1]}, "note": "made up",
}  # fmt: skip
GENERATION = {
    "proposals": 900, "calls": 500, "valid": 0.994, "novel": 0.91, "alert_free": 0.78, "in_domain": None,
    "trace": {"calls": [0, 250, 500], "best": [0.4, 0.8, 0.9], "top10": [None, 0.6, 0.8]},
}  # fmt: skip
PROVENANCE = {"key": "9f2c", "config": {"library": "</script>.smi", "rows": None}, "seed": 7, "versions": {"rdkit": "2026.9.1"}}


@pytest.fixture
def make_folder(tmp_path):
    """A function that writes a run folder of `rows` molecules; `more` goes into run.json."""

    def make(rows=30, table="ranking.csv", **more):
        folder = tmp_path / "run"
        folder.mkdir(exist_ok=True)
        record = run_record(rows, models=MODELS, enrichment=ENRICHMENT, **more)
        (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
        (folder / "provenance.json").write_text(json.dumps(PROVENANCE), encoding="utf-8")
        write_csv(folder / table, [molecule(i) for i in range(rows)])
        rejects = [
            {"row": i, "id": name, "line": i + 2, "stage": "parse", "reason": "ring 1 is opened and never closed", "raw": f"C1CC{name}"}
            for i, name in enumerate(HOSTILE[:4])
        ]
        write_csv(folder / "rejects.csv", rejects)
        return folder

    return make


class Element:
    def __init__(self, tag, attributes):
        self.tag, self.attributes, self.children, self.parts = tag, attributes, [], []

    def text(self):
        return "".join(part if isinstance(part, str) else part.text() for part in self.parts)

    def all(self, tag=None, **wanted):
        """Elements below, of this tag, whose attributes hold these words."""
        for child in self.children:
            holds = all(value in (child.attributes.get(name.rstrip("_")) or "").split() for name, value in wanted.items())
            if (tag is None or child.tag == tag) and holds:
                yield child
            yield from child.all(tag, **wanted)

    def one(self, tag=None, **wanted):
        (found,) = self.all(tag, **wanted)
        return found


class _Reader(HTMLParser):
    """A tree of what a browser would see, good enough for a page that closes its elements."""

    _VOID = frozenset({"meta", "input", "br", "img", "link", "hr"})

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag, attributes):
        element = Element(tag, dict(attributes))
        self.open[-1].children.append(element)
        self.open[-1].parts.append(element)
        if tag not in self._VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self._VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data):
        self.open[-1].parts.append(data)


@pytest.fixture
def read_html():
    """A function from a page's path to its tree; a tag that is not closed fails."""

    def read(path):
        reader = _Reader()
        reader.feed(path.read_text(encoding="utf-8"))
        reader.close()
        assert [element.tag for element in reader.open] == [""]
        return reader.root

    return read
