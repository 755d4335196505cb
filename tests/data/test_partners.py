import numpy as np
import pytest

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.data.partners import Pairing, Partners, alike_groups, asked_partners
from molgen.data.profiles import Profiles
from molgen.data.proteins import Proteins
from molgen.data.splits import folds, split

ONE = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ"
TWO = "GSWWPNDCCHYGGTPPLMNDEHFFYWACSTKLV"
LISTED = Proteins.of([ONE, TWO]).called(["ONE", "TWO"])


def library(smiles, proteins, **columns):
    return Pairing("target", listed=LISTED)(Library.of(smiles, columns={"protein": proteins, **columns}))


def test_rows_repeat_each_other_only_with_the_same_partner():
    pairs = library(["CCO", "OCC", "CCO", "C1CC", "CCN"], ["ONE", ONE, "TWO", "ONE", "one"])
    assert pairs.first_row.tolist() == [0, 0, 2, -1, 4]
    assert pairs.molecules.smiles == ["CCO", "CCN"] and pairs.molecules.partners is None
    assert pairs.molecule_of_row.tolist() == [0, 0, 0, -1, 1]
    assert [len(pairs.distinct()), len(pairs.take([0, 1]).distinct())] == [3, 1]


def test_of_molecules_alone_the_molecules_are_the_distinct_rows():
    alone = Library.of(["CCO", "OCC", "C1CC", "CCN"])
    assert alone.molecules is alone.distinct() and alone.molecule_of_row.tolist() == [0, 0, -1, 1]


def test_a_bad_molecule_keeps_its_own_reason_and_a_bad_partner_gives_one():
    pairs = library(["CCO", "C1CC", "CCN"], ["THREE", "THREE", "ONE"])
    assert [(reject.row, reject.stage) for reject in pairs.rejects] == [(0, "partner"), (1, "gate")]
    assert pairs.ok.tolist() == [False, False, True] and pairs.to_frame()["molgen_status"].tolist() == ["invalid", "invalid", "ok"]


def test_partners_are_found_in_a_column_and_a_missing_one_is_named():
    smiles = Library.of(["CCO"], columns={"enzyme": [ONE]})
    assert Pairing("target", "enzyme")(smiles).ok.all()
    with pytest.raises(MolgenError, match="no column says"):
        Pairing("target")(smiles)
    with pytest.raises(MolgenError, match="no column 'gene'"):
        Pairing("target", "gene")(smiles)
    with pytest.raises(MolgenError, match="table of their profiles"):
        Pairing("context", "enzyme")(smiles)


def test_names_are_looked_up_in_a_file_and_then_among_the_known(tmp_path):
    (tmp_path / "own.fasta").write_text(f">sp|P1|OWN\n{TWO}\n")
    pairing = Pairing.of("target", table=tmp_path / "own.fasta", known=LISTED)
    pairs = pairing(Library.of(["CCO"] * 3, columns={"target": ["P1", "ONE", ""]}))
    assert pairs.partners.each.sequences == (TWO, ONE, "") and pairs.ok.tolist() == [True, True, False]


def test_a_library_is_paired_by_a_word(tmp_path):
    (tmp_path / "own.fasta").write_text(f">OWN\n{TWO}\n")
    (tmp_path / "lines.csv").write_text("line,TP53,EGFR\nA549,1.0,2.0\n")
    table = Library.of(["CCO"] * 2, columns={"target": ["OWN", ONE], "cell_line": ["A549", "HELA"]})
    assert table.paired("target", table=tmp_path / "own.fasta").partners.each.sequences == (TWO, ONE)
    assert table.paired("context", table=str(tmp_path / "lines.csv")).ok.tolist() == [True, False]
    with pytest.raises(MolgenError, match="kind is 'protein', want 'target' or 'context'"):
        table.paired("protein")


def test_the_digest_tells_pairs_apart():
    assert len({library(["CCO"], ["ONE"]).digest, library(["CCO"], ["TWO"]).digest, Library.of(["CCO"]).digest}) == 3


def test_what_is_worked_out_about_partners_stays_when_rows_are_taken():
    asked = []
    partners = Partners(LISTED, np.array([0, 1, 1]))
    partners.take([2]).once("length", lambda each: asked.append(len(each)))
    partners.once("length", lambda each: asked.append(len(each)))
    assert asked == [2] and partners.take([2]).used().tolist() == [1]


def test_alike_proteins_are_one_group_and_split_together():
    mutant = ONE.replace("AKQ", "AWQ")
    each = Proteins.of([TWO, mutant, ONE, "short"])
    assert alike_groups(Partners(each, np.arange(4)))[1:] == [alike_groups(Partners(each, np.arange(4)))[2]] * 2 + [-1]
    rows = np.tile([0, 1, 2], 20)
    smiles = ["C" * (1 + i // 3) + "O" for i in range(60)]
    pairs = Library.of(smiles).paired_with(each, rows)
    parts = split(pairs, "partner", fractions=(0.5, 0.0, 0.5))
    assert len(set(parts[rows == 0])) == 1 and len(set(parts[rows > 0])) == 1 and set(parts) == {"train", "test"}
    assert set(folds(pairs, 2, method="partner")[rows > 0]) != set(folds(pairs, 2, method="partner")[rows == 0])
    with pytest.raises(MolgenError, match="no partners"):
        split(Library.of(["CCO", "CCN"]), "partner")


def test_a_random_split_parts_a_molecule_s_pairs_and_scaffolds_do_not():
    smiles = [f"{core}{'C' * n}" for core in ("c1ccccc1", "C1CCNCC1", "c1ccncc1", "C1CC1") for n in range(1, 9)]
    pairs = Library.of([text for text in smiles for _ in range(2)]).paired_with(LISTED, [0, 1] * len(smiles))
    sides = {method: split(pairs, method, fractions=(0.5, 0.0, 0.5)).reshape(-1, 2) for method in ("random", "scaffold")}
    assert (sides["random"][:, 0] != sides["random"][:, 1]).any() and (sides["scaffold"][:, 0] == sides["scaffold"][:, 1]).all()


def test_profiles_go_by_name_and_by_their_numbers():
    lines = Profiles.of(["A549", "HeLa", "copy"], np.array([[1.0, 2.0], [3.0, np.inf], [1.0, 2.0]]), ["a", "b"])
    pairs = Pairing("context", "line", lines)(Library.of(["CCO"] * 4, columns={"line": ["hela", "A549", "copy", "K562"]}))
    assert pairs.first_row.tolist() == [0, 1, 1, -1] and np.isnan(lines.values[1, 1])
    assert pairs.rejects[0].reason == "no profile is called 'K562' among the 3"


def test_a_row_without_a_partner_says_so():
    lines = Profiles.of(["A549"], np.array([[1.0]]), ["a"])
    table = Library.of(["CCO"] * 4, columns={"line": ["A549", "", None, " n/a "]})
    assert [reject.reason for reject in Pairing("context", "line", lines)(table).rejects] == ["no cell line given"] * 3
    assert [reject.reason for reject in library(["CCO"] * 4, ["ONE", "", None, "NaN"]).rejects] == ["no protein given"] * 3


def test_a_partner_may_be_called_as_if_there_were_none():
    named = Proteins.of([ONE]).called(["NA"])
    assert Pairing("target", listed=named)(Library.of(["CCO"], columns={"protein": ["NA"]})).ok.all()
    assert Profiles.of(["ND"], np.array([[1.0]]), ["a"]).named(["nd"]).ok.all()


def test_of_a_file_the_cell_lines_with_a_number_are_asked_about(tmp_path, caplog):
    path = tmp_path / "lines.csv"
    path.write_text("line,TP53,EGFR\nA549,1,2\nbare,,\nHeLa,3,\nA549,1,2\n,5,6\n,7,8\n")
    assert asked_partners("context", [path]).names == ("A549", "HeLa", "", "")
    assert [one.getMessage() for one in caplog.records] == [f"{path}: 1 of 6 cell lines is left out: no number in its profile (bare)"]
    path.write_text("line,TP53,EGFR\nA549,1,2\nA549,3,4\n")
    with pytest.raises(MolgenError, match="two that differ are called 'A549'"):
        asked_partners("context", [path])
    path.write_text("line,TP53,EGFR\nA549,,\n")
    with pytest.raises(MolgenError, match=r"none of its cell lines can be read: no number in its profile \(A549\)") as error:
        asked_partners("context", [path])
    assert error.value.where == str(path)


def test_what_is_left_out_of_a_file_is_told_in_a_line_of_some_length(tmp_path, caplog):
    peptides = [f">p{n}_{n + i}\n{'A' * n}\n" for n in range(1, 9) for i in range(n)]
    (tmp_path / "many.fasta").write_text(f"{''.join(peptides)}>good\n{ONE}\n")
    assert asked_partners("target", [tmp_path / "many.fasta"]).names == ("good",)
    (said,) = (one.getMessage() for one in caplog.records)
    assert "36 of 37 proteins are left out: 8 residues, want 30 to 10000 (p8_8, p8_9, p8_10, ...); 7 residues" in said
    assert said.endswith("(p4_4, p4_5, p4_6, ...); ...")
