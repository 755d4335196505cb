"""The page: everything the folder says, nothing it doesn't, and no text that runs."""

import base64
import hashlib
import json
import re
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest

from molgen.base.errors import MolgenError
from molgen.data.readers import read
from molgen.report.headline import wish
from molgen.report.page import report
from molgen.report.run import GoalSpec
from molgen.report.space import places

from .conftest import GENERATION, HOSTILE, molecule, run_record, write_csv


def squeezed(element):
    return " ".join(element.text().split())


def test_the_answer_and_the_equation_come_first(make_folder, read_html):
    page = read_html(report(make_folder()))
    header = squeezed(page.one("header"))
    assert "30 of 42 molecules ranked." in header and "with a score of 0.950" in header
    assert "42 read = 30 ranked + 5 cut + 4 rejected + 3 duplicates" in header
    assert "every molecule is accounted for" in header and not list(page.all(role="alert"))


def test_counts_that_do_not_close_are_an_error_on_the_page(make_folder, read_html):
    counts = {"read": 100, "ranked": 30, "cut": 5, "rejected": 4, "duplicates": 3}
    alert = read_html(report(make_folder(counts=counts))).one(role="alert")
    assert "does not close: 42 accounted for, 100 expected" in squeezed(alert)


def test_every_row_is_shown_in_order_with_its_numbers(make_folder, read_html):
    table = read_html(report(make_folder())).one("table", id="ranking")
    rows = list(next(table.all("tbody")).all("tr"))
    assert [row.attributes["data-smiles"] for row in rows] == [molecule(i)["molgen_smiles"] for i in range(30)]
    first, second = squeezed(rows[0]), squeezed(rows[1])
    assert "9.00 ± 0.41" in first and "8.30 to 9.70" in first and "7.25" in first and "✓ inside" in first
    assert "✗ outside" in second and "do not trust" in second
    assert "! PAINS: quinone" in squeezed(rows[2]) and "! nitro <i>" in squeezed(rows[2])
    assert "salt removed" in squeezed(rows[11])


def test_bars_are_as_long_as_the_desirability(make_folder, read_html):
    table = read_html(report(make_folder())).one("table", id="ranking")
    row = list(next(table.all("tbody")).all("tr"))[15]
    bars = [mark.attributes["style"] for mark in row.all("i")]
    assert bars == ["--d:0.650", "--d:0.750", "--d:0.500"]


def test_hostile_names_are_text(make_folder, read_html):
    path = report(make_folder())
    page = read_html(path)
    names = [squeezed(next(cell.all("b"))) for cell in page.one("table", id="ranking").all("th", class_="molecule")]
    assert names[: len(HOSTILE)] == [" ".join(name.split()) for name in HOSTILE]
    assert len(list(page.all("script"))) == 2 and not list(page.all("img"))
    assert not any(name.startswith("on") for element in page.all() for name in element.attributes)
    rejected = [squeezed(cell) for cell in page.one("table", id="rejects").all("th", scope="row")]
    assert rejected == HOSTILE[:4]


def test_only_our_own_script_may_run_and_nothing_is_fetched(make_folder, read_html):
    path = report(make_folder())
    page, text = read_html(path), path.read_text(encoding="utf-8")
    policy = next(meta for meta in page.all("meta") if meta.attributes.get("http-equiv") == "Content-Security-Policy").attributes["content"]
    ours = [script.text() for script in page.all("script") if "type" not in script.attributes]
    digests = [base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in ours]
    assert re.findall(r"sha256-([^']+)'", policy) == digests
    assert policy.startswith("default-src 'none'") and "unsafe-eval" not in policy and "script-src 'unsafe-inline'" not in policy
    assert not any(name in element.attributes for element in page.all() for name in ("src", "href", "xlink:href", "action", "srcset"))
    assert "@import" not in text and "url(" not in text


def test_every_picture_asked_for_is_in_the_page_once(make_folder, read_html):
    page = read_html(report(make_folder()))
    pictures = json.loads(page.one("script", type="application/json").text())
    asked = {int(place.attributes["data-picture"]) for place in page.all() if "data-picture" in place.attributes}
    assert asked == set(range(len(pictures))) and len(pictures) == 5  # five structures, ranked and known alike
    assert all(picture.startswith("<svg ") for picture in pictures)


def test_models_mark_the_best_system_by_each_metric(make_folder, read_html):
    panel = next(read_html(report(make_folder())).all(class_="panel"))
    assert [squeezed(mark) for mark in panel.all("b")] == ["0.630 ★", "0.700 ★", "0.840 ★"]
    assert "hold 90 % of measured values held 89 %" in squeezed(panel)


def test_key_figures_are_on_cards(make_folder, read_html):
    cards = read_html(report(make_folder())).one(class_="cards")
    figures = dict(zip(map(squeezed, cards.all("dt")), map(squeezed, cards.all("b"))))
    assert figures == {"pKi: test RMSE": "0.630", "EF 1 %": "27.1", "AUROC": "0.820", "BEDROC": "0.610"}


def test_curves_are_drawn_for_goals_and_enrichment(make_folder, read_html):
    page = read_html(report(make_folder()))
    labels = [chart.attributes["aria-label"] for chart in page.all("svg", class_="chart")]
    assert labels == [
        "Desirability of pKi",
        "Desirability of logP",
        "Enrichment curve, enrichment factor at 1 % 27.1",
        "ROC curve, area 0.820",
        "Map of the molecules, those of like structure near each other",
    ]


def test_proposals_say_where_they_come_from_and_what_is_new(tmp_path, read_html):
    rows = [{**molecule(i), "molgen_origin": "crossover of <a> and <b>", "molgen_novel": i % 2 == 0} for i in range(12)]
    (tmp_path / "run.json").write_text(json.dumps({**run_record(12, generation=GENERATION), "verb": "generate"}), encoding="utf-8")
    write_csv(tmp_path / "proposals.csv", rows)
    page = read_html(report(tmp_path))
    cells = [squeezed(cell) for cell in page.one("table", id="proposals").all("td", class_="origin")]
    assert cells == ["crossover of <a> and <b>"] * 12
    assert "12 molecules kept of 900 proposed." in squeezed(page.one("header"))
    assert squeezed(page.one("table", id="proposals")).count("✓ new") == 6
    assert any(chart.attributes["aria-label"].startswith("Best score") for chart in page.all("svg", class_="chart"))
    assert not list(page.all("table", id="rejects"))  # no file, no section


def test_run_json_alone_makes_a_page(tmp_path, read_html):
    (tmp_path / "run.json").write_text("{}", encoding="utf-8")
    page = read_html(report(tmp_path, out=tmp_path / "elsewhere" / "page.html"))
    assert not list(page.all("table"))


def test_an_empty_ranking_says_so(tmp_path, read_html):
    (tmp_path / "run.json").write_text(json.dumps(run_record(0)), encoding="utf-8")
    (tmp_path / "ranking.csv").write_text("molgen_rank,molgen_id,molgen_smiles,molgen_score\n", encoding="utf-8")
    assert "No molecule passed." in squeezed(read_html(report(tmp_path)).one("header"))


def test_rows_past_the_limit_are_counted_not_shown(make_folder, read_html):
    page = read_html(report(make_folder(), rows=7))
    assert len(list(page.one("table", id="ranking").all("th", class_="molecule"))) == 7
    assert "The first 7 of 30; all are in ranking.csv." in squeezed(page)


def test_missing_numbers_are_dashes_never_zeros(tmp_path, read_html):
    (tmp_path / "run.json").write_text(json.dumps(run_record(1)), encoding="utf-8")
    write_csv(tmp_path / "ranking.csv", [{"molgen_id": "NA", "molgen_smiles": "C1CC", "molgen_score": "nan", "molgen_pKi": ""}])
    row = next(read_html(report(tmp_path)).one("table", id="ranking").one("tbody").all("tr"))
    assert squeezed(row.one("td", class_="score")) == "–" and [squeezed(cell) for cell in row.all("td", class_="goal")] == ["–", "–"]
    assert squeezed(next(row.all("b"))) == "NA"


def test_a_goal_that_counts_alerts_shows_their_names(tmp_path, read_html):
    goal = {"name": "alerts", "curve": {"raw": [0, 1], "desirability": [1, 0]}}
    (tmp_path / "run.json").write_text(json.dumps({**run_record(1), "goals": [goal]}), encoding="utf-8")
    write_csv(tmp_path / "ranking.csv", [{"molgen_smiles": "CCO", "molgen_alerts": 2.0, "molgen_alerts_names": "nitro; quinone"}])
    page = read_html(report(tmp_path))
    assert squeezed(page.one("td", class_="alerts")) == "! nitro ! quinone"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("run.json", None, "no run.json"),
        ("run.json", "not json", "not JSON"),
        ("run.json", "[1]", "a list, want an object"),
        ("run.json", '{"format": 9}', "format 9, want 1"),
        ("run.json", '{"counts": {"read": "many"}}', "counts.read"),
        ("ranking.csv", "", "not a CSV table"),
        ("ranking.csv", "id\nx\n", "no column 'molgen_smiles'"),
        ("provenance.json", "{", "not JSON"),
    ],
)
def test_what_is_not_a_run_folder_is_refused_in_words(make_folder, name, text, said):
    folder = make_folder()
    if text is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(MolgenError) as refusal:
        report(folder)
    assert said in str(refusal.value)
    assert not (folder / "report.html").exists()


@pytest.mark.parametrize(
    ("raw", "desirability", "said"),
    [
        ([5, 6, 8, 9], [0, 0, 1, 1], "high: best from 8; nothing below 6"),
        ([0, 1, 3], [1, 1, 0], "low: best up to 1; nothing above 3"),
        ([0, 1, 2, 3, 4], [0, 1, 1, 1, 0], "between 1 and 3"),
        ([0, 1, 2], [0, 1, 0], "near 1"),
        ([-1, 1.4e-17, 2], [1, 1, 0], "low: best up to 0; nothing above 2"),
        ([0, 1], [1, 1], ""),
        ([], [], ""),
    ],
)
def test_a_curve_is_put_into_words(raw, desirability, said):
    goal = GoalSpec.of({"name": "x", "curve": {"raw": raw, "desirability": desirability}})
    assert wish(goal) == said


def test_provenance_is_there_whole(make_folder, read_html):
    details = read_html(report(make_folder())).one("details", id="provenance")
    found = dict(zip(map(squeezed, details.all("th")), map(squeezed, details.all("code"))))
    assert found == {"key": "9f2c", "config.library": "</script>.smi", "config.rows": "null", "seed": "7", "versions.rdkit": "2026.9.1"}


def test_the_same_folder_gives_the_same_page(make_folder):
    folder = make_folder()
    assert report(folder).read_bytes() == report(folder).read_bytes()


def test_a_cell_guarded_against_spreadsheets_shows_what_was_read(tmp_path, read_html):
    (tmp_path / "run.json").write_text(json.dumps(run_record(1)), encoding="utf-8")
    write_csv(tmp_path / "ranking.csv", [{"note": "'=1+1", "name": "'quoted'", "molgen_smiles": "CCO", "molgen_id": "a"}])
    cells = read_html(report(tmp_path)).one("td", class_="own")
    assert [squeezed(cell) for cell in cells.all("dd")] == ["=1+1", "'quoted'"]


def test_a_table_that_is_not_what_was_counted_is_said(make_folder, read_html):
    folder = make_folder()
    write_csv(folder / "ranking.csv", [molecule(i) for i in range(28)])
    assert "ranking.csv holds 28 rows, run.json counts 30 ranked." in squeezed(read_html(report(folder)).one("header"))


@pytest.mark.parametrize("name", ["run/run.json", "run/ranking.csv", "c.csv", "page", "-"])
def test_a_page_takes_the_place_of_no_other_file(make_folder, name):
    folder = make_folder()
    out = folder.parent / name
    before = out.read_bytes() if out.exists() else None
    with pytest.raises(MolgenError, match=r"a page is an \.html file"):
        report(folder, out=out)
    assert (out.read_bytes() if out.exists() else None) == before


def test_a_page_goes_into_a_folder_or_under_any_html_name(make_folder, tmp_path):
    folder = make_folder()
    (tmp_path / "pages").mkdir()
    assert report(folder, out=tmp_path / "pages") == tmp_path / "pages" / "report.html"
    assert report(folder, out=tmp_path / "new" / "Page.HTML").read_bytes() == (tmp_path / "pages" / "report.html").read_bytes()


def test_an_infinite_value_is_no_bar_and_a_table_not_shown_is_not_empty(make_folder, read_html):
    folder = make_folder()
    table = pd.read_csv(folder / "ranking.csv")
    goal = next(name for name in table.columns if f"{name}_desirability" in table.columns)
    table[goal] = table[goal].astype(float)
    table.loc[0, goal] = float("inf")
    table.to_csv(folder / "ranking.csv", index=False)
    assert len(list(read_html(report(folder)).all("svg")))
    assert "No molecule passed." not in squeezed(read_html(report(folder, rows=0)).one("header"))


def test_a_workbook_has_every_row_of_the_tables_with_numbers_and_pictures(make_folder, tmp_path):
    folder = make_folder()
    path = report(folder, out=tmp_path / "ranking.xlsx", rows=3)
    table = pd.read_csv(folder / "ranking.csv")
    sheet = openpyxl.load_workbook(path).active
    said = {column[0].value: [cell.value for cell in column[1:]] for column in sheet.iter_cols(min_col=2)}
    assert list(said) == list(table) and len(said["molgen_score"]) == 30
    for name in ("molgen_smiles", "molgen_score", "molgen_pKi_in_domain", "molgen_pKi_nearest_id"):
        assert said[name] == table[name].tolist()
    np.testing.assert_allclose(said["molgen_pKi_low"], table["molgen_pKi_low"], rtol=1e-14)
    assert [name.split() for name in said["molgen_id"][: len(HOSTILE)]] == [name.split() for name in HOSTILE]
    with zipfile.ZipFile(path) as archive:
        assert sum(name.startswith("xl/media/") for name in archive.namelist()) == len(set(table["molgen_smiles"]))
    assert read(path).rows.columns["molgen_score"].astype(float).tolist() == table["molgen_score"].tolist()


def test_names_and_headers_of_a_workbook_are_those_of_the_table(make_folder, tmp_path):
    folder = make_folder()
    rows = [{"a": 1, "molgen_smiles": "CCO", "molgen_id": name, "molgen_pKi_nearest_id": name} for name in ("00017", "10E5", "1.10")]
    write_csv(folder / "ranking.csv", rows)
    text = (folder / "ranking.csv").read_text()
    (folder / "ranking.csv").write_text(text.replace("a,", "x,x,,", 1).replace("\n1,", "\n1,2,3,"))
    sheet = openpyxl.load_workbook(report(folder, out=tmp_path / "x.xlsx")).active
    assert [cell.value or "" for cell in sheet[1]][1:4] == ["x", "x", ""]
    assert [[cell.value for cell in row][1:] for row in sheet.iter_rows(min_row=2)] == [
        [1, 2, 3, "CCO", name, name] for name in ("00017", "10E5", "1.10")
    ]


def test_a_workbook_takes_the_place_of_its_own_kind_alone(make_folder, tmp_path):
    folder, path = make_folder(), tmp_path / "mine.xlsx"
    openpyxl.Workbook().save(path)
    before = path.read_bytes()
    with pytest.raises(MolgenError, match="no workbook as molgen left it"):
        report(folder, out=path)
    assert path.read_bytes() == before
    path.unlink()
    first = report(folder, out=path).read_bytes()
    assert report(folder, out=path).read_bytes() == first
    worked_in = openpyxl.load_workbook(path)
    worked_in.active["D2"] = "my notes"
    worked_in.save(path)
    with pytest.raises(MolgenError, match="no workbook as molgen left it"):
        report(folder, out=path)
    path.write_bytes(first[:-2_000])
    with pytest.raises(MolgenError, match="no workbook as molgen left it"):
        report(folder, out=path)


def test_a_workbook_of_what_is_no_run_or_has_no_table_is_refused(make_folder, tmp_path):
    with pytest.raises(MolgenError, match="not a run folder"):
        report(tmp_path, out=tmp_path / "x.xlsx")
    folder = make_folder()
    (folder / "ranking.csv").write_text("molgen_id,score\na,1\n")
    with pytest.raises(MolgenError, match="no column 'molgen_smiles'"):
        report(folder, out=tmp_path / "x.xlsx")
    (folder / "ranking.csv").unlink()
    with pytest.raises(MolgenError, match="no table of molecules in it"):
        report(folder, out=tmp_path / "x.xlsx")


def test_the_map_has_a_dot_for_each_row_and_alike_ones_lie_together(make_folder, read_html):
    page = read_html(report(make_folder()))
    figure = page.one("figure", class_="map")
    dots = {int(dot.attributes["data-row"]): dot for dot in figure.all("circle", class_="mark")}
    assert sorted(dots) == list(range(30))
    place = {row: np.array([float(dot.attributes[axis]) for axis in ("cx", "cy")]) for row, dot in dots.items()}
    same = [np.linalg.norm(place[row] - place[row + 5]) for row in range(25)]  # the same structure each time
    other = [np.linalg.norm(place[row] - place[row + 1]) for row in range(29)]
    assert max(same) < min(other)
    assert {row for row, dot in dots.items() if "outside" in dot.attributes["class"]} == set(range(1, 30, 4))
    shades = [float(dots[row].attributes["style"].removeprefix("--d:")) for row in range(30)]
    assert shades[0] == 1 and shades[29] == 0 and shades == sorted(shades, reverse=True)
    assert " ".join(dots[0].text().split()) == HOSTILE[0]


def test_there_is_no_map_of_a_few(make_folder, read_html):
    assert not list(read_html(report(make_folder(4))).all("figure", class_="map"))


def test_the_same_molecules_give_the_same_map():
    smiles = [f"{'C' * n}O" for n in range(1, 12)] + ["C1CC", "c1ccccc1O", "CCO"]
    first, again = places(smiles), places(smiles)
    np.testing.assert_array_equal(first, again)
    assert np.isnan(first[11]).all() and np.isfinite(first[12]).all()
    np.testing.assert_array_equal(first[13], first[1])
    assert places(["CCO"] * 8) is None
    assert np.nanmin(first) == 0 and np.nanmax(first) == 1
