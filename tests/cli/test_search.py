"""molgen search as a command: what it was given stays as it was."""

import pytest

from molgen.cli.main import main

LIBRARY = "id,smiles\na,CCO\nb,CCN\nc,CCCO\n"


@pytest.fixture
def search(tmp_path, monkeypatch, capsys):
    """Runs the command in a folder with a library, a file of queries and a link to the library; gives (exit code, standard error)."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.csv").write_text(LIBRARY)
    (tmp_path / "q.smi").write_text("CCO a\n")
    (tmp_path / "link.csv").symlink_to("c.csv")

    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(["search", *arguments])
        return stop.value.code or 0, capsys.readouterr().err

    return run


@pytest.mark.parametrize("out", ["c.csv", "./c.csv", "link.csv", "../{}/c.csv"])
def test_hits_do_not_take_the_place_of_the_library(search, tmp_path, out):
    code, said = search("c.csv", "--query", "CCO", "--top", "2", "-o", out.format(tmp_path.name))
    assert code == 2 and "read as library" in said
    assert (tmp_path / "c.csv").read_text() == LIBRARY


def test_hits_do_not_take_the_place_of_the_queries(search, tmp_path):
    code, said = search("c.csv", "--query", "q.smi", "-o", "q.smi")
    assert code == 2 and "read as query" in said
    assert (tmp_path / "q.smi").read_text() == "CCO a\n"


def test_hits_take_the_place_of_older_hits(search, tmp_path):
    for top in ("1", "2"):
        assert search("c.csv", "--query", "CCO", "--top", top, "-o", "hits.csv")[0] == 0
    assert len((tmp_path / "hits.csv").read_text().splitlines()) == 3


def test_a_form_that_is_not_written_is_refused_before_the_search(search, tmp_path):
    code, said = search("c.csv", "--query", "CCO", "-o", "hits.docx")
    assert code == 2 and "can't tell the format" in said and "read 3" not in said
