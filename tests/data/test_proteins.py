"""A protein is read as it is meant, edits are made where they say, and a bad one is a row with its reason."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molgen.base.errors import MolgenError
from molgen.data.partners import Pairing
from molgen.data.proteins import LONGEST, RESIDUES, SHORTEST, Proteins, read_proteins

KINASE = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ"
KNOWN = {"ABC1": KINASE, "P12345": KINASE[::-1], "abl1(e255k)": "A" * 40}
sequences = st.text(RESIDUES, min_size=SHORTEST, max_size=60)

FORMS = "V600E, Val600Glu, E746_A750del, E746_A750delinsIP, D770_N771insSVD or V769_D770dup"


def reason(text: str) -> str:
    (told,) = Proteins.of([text], known=KNOWN).reasons
    return told


def sequence(text: str) -> str:
    read = Proteins.of([text], known=KNOWN)
    assert read.reasons == ("",)
    return read.sequences[0]


@given(sequences)
def test_a_sequence_is_itself_however_it_is_laid_out(text):
    wrapped = "\n".join(text[i : i + 10] for i in range(0, len(text), 10))
    assert sequence(text) == sequence(text.lower()) == sequence(f" {wrapped}*\n") == text


@pytest.mark.parametrize("name", ["ABC1", "abc1", " Abc1 "])
def test_a_name_is_its_sequence(name):
    assert sequence(name) == KINASE


def test_edits_are_numbered_as_in_listed_variants_of_the_protein():
    whole = "GG" + KINASE
    known = {"ABC2": whole, "ABC2(T3I)": whole[:4] + "I" + whole[5:], "ABC2(K2R,Y5F)": whole}
    read = Proteins.of(["ABC2 T3A", "abc2(Y5F)", "ABC2 G2A", "ABC2 K99A", "ABC2 T3I"], known=known)
    assert read.sequences[0] == whole[:4] + "A" + whole[5:] and read.sequences[1] == whole[:6] + "F" + whole[7:]
    assert read.reasons[2:] == ("G2A: residue 2 is K", f"K99A: there are {len(whole)} residues, from -1 on", "")
    several = known | {"ABC2(Q8A)": whole[:10] + "A" + whole[11:]}
    assert Proteins.of(["ABC2 T3A"], known=several).reasons == ("its listed variants number its residues in several ways",)
    mistaken = {"ABC2": whole, "ABC2(T315I)": whole[:20] + "W" + whole[21:]}
    assert Proteins.of(["ABC2 K4R", "ABC2 G1A"], known=mistaken).reasons == ("", "")


def test_edits_are_made_in_whichever_chain_of_a_gene_has_their_residues():
    known = {"BTK": KINASE, "Q06187": "M" * 480 + "C" + KINASE}
    read = Proteins.of(["BTK C481S", "BTK K2R", "BTK A1C"], known=known)
    assert read.sequences[0][480] == "S" and read.sequences[1] == "MR" + KINASE[2:] and read.reasons[2] == "A1C: residue 1 is M"


def test_entries_without_a_header_have_a_name(tmp_path):
    (tmp_path / "x.fasta").write_text(f"{KINASE}\n>b\n{KINASE}\n")
    assert read_proteins(tmp_path / "x.fasta").names == ("protein_1", "b")


def test_a_name_that_looks_like_an_edited_one_is_that_name():
    assert sequence("ABL1(E255K)") == "A" * 40


@pytest.mark.parametrize(
    ("edits", "wanted"),
    [
        ("K2R", "MR" + KINASE[2:]),
        ("p.K2R", "MR" + KINASE[2:]),
        ("K2R,Y5F", "MRTAF" + KINASE[5:]),
        ("Y5F/K2R", "MRTAF" + KINASE[5:]),
        ("T3_Y5del", "MK" + KINASE[5:]),
        ("T3-Y5del", "MK" + KINASE[5:]),
        ("T3_Y5delinsWW", "MKWW" + KINASE[5:]),
        ("T3del", "MK" + KINASE[3:]),
        ("T3_Y5del, I6V", "MKV" + KINASE[6:]),  # numbered as before the cut
        (f"Q{len(KINASE)}N", KINASE[:-1] + "N"),
        ("T3Y5del", "MK" + KINASE[5:]),
        ("T3_A4insSVD", "MKTSVD" + KINASE[3:]),
        ("K2R,T3_A4insSVD/A4C", "MRTSVDC" + KINASE[4:]),
        ("K2R-Y5F", "MRTAF" + KINASE[5:]),
        ("K2R + Y5F", "MRTAF" + KINASE[5:]),
        ("Lys2Arg", "MR" + KINASE[2:]),
        ("p.Lys2Arg;p.Tyr5Phe", "MRTAF" + KINASE[5:]),
        ("p.Thr3_Tyr5delinsTrpTrp", "MKWW" + KINASE[5:]),
        ("p.Thr3_Ala4insSerVal", "MKTSV" + KINASE[3:]),
        ("T3dup", "MKTT" + KINASE[3:]),
        ("p.Thr3_Ala4dup", "MKTATA" + KINASE[4:]),
        ("K2R/T3_A4dup,I6V", "MRTATAYV" + KINASE[6:]),
        ("WT", KINASE),
        ("wt K2R", "MR" + KINASE[2:]),
        ("WT-K2R", "MR" + KINASE[2:]),
        ("wild type", KINASE),
        ("Wild-type", KINASE),
    ],
)
def test_edits_are_made_where_they_say(edits, wanted):
    assert sequence(f"ABC1({edits})") == sequence(f"ABC1 {edits}") == wanted


@pytest.mark.parametrize("text", ["ABC1 p.(Lys2Arg)", "ABC1:p.(Lys2Arg)", "ABC1(p.(Lys2Arg))", "ABC1 p.(Lys2Arg)/p.(Thr3Ala)"])
def test_brackets_of_what_was_not_looked_at_are_none_of_a_name(text):
    assert sequence(text) == ("MRA" if "Thr" in text else "MRT") + KINASE[3:]


@pytest.mark.parametrize("joint", ["-", "_", ":", ":p."])
def test_edits_may_be_joined_to_the_name_by_a_hyphen(joint):
    known = {"ABC1": KINASE, "ABC1-B": KINASE[::-1], "ABC1(K2C)": "C" * 40, "ABC1-K2E": "E" * 40}
    texts = [f"abc1{joint}K2R", f"ABC1-B{joint}E3A", f"ABC1{joint}T3_Y5del", f"ABC1{joint}K2R/Y5F", f"ABC1{joint}K2C", f"ABC1{joint}wt"]
    read = Proteins.of([*texts, "ABC1-K2E"], known=known).sequences
    assert read[:2] == ("MR" + KINASE[2:], "QVA" + KINASE[::-1][3:]) and read[2:4] == ("MK" + KINASE[5:], "MRTAF" + KINASE[5:])
    assert read[4:] == ("C" * 40, KINASE, "E" * 40)  # those that are listed are as they are listed


def test_a_listed_variant_is_found_however_its_edits_are_written():
    known = {"EGFR": KINASE, "EGFR(L858RT790M)": "C" * 40, "EGFR(E746-A750del)": "D" * 40}
    asked = ["EGFR p.Leu858Arg/p.Thr790Met", "EGFR-L858R/T790M", "EGFR E746A750del", "ERBB1_E746_A750del", "EGFR wt"]
    assert Proteins.of(asked, known=known).sequences == ("C" * 40, "C" * 40, "D" * 40, "D" * 40, KINASE)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no protein given"),
        (" \n", "no protein given"),
        ("nan", "no protein given"),
        ("MRG*" + KINASE * 30, "'*' stands for no residue"),
        ("MRG1" + KINASE, "'1' stands for no residue"),
        ("MRG*" + "\n".join([KINASE] * 3), "'*' stands for no residue"),
        ("mrg*" + KINASE.lower() * 2, "'*' stands for no residue"),
        ("--" * 20 + KINASE, "'-' stands for no residue"),
        ("MKTAY*", "no protein 'MKTAY*' among the 3 known by name, and no sequence"),
        ("abc9(L858R/T790M/C797S/L718Q/G724S)", "no protein 'abc9(L858R/T790M/C797S/L718Q/G…' among the 3 known by name, and no sequence"),
        ("a/folder/" * 8 + "panel.txt", "no protein 'a/folder/a/folder/a/folder/a/f…' among the 3 known by name, and no sequence"),
        ("abc9", "no protein 'abc9' among the 3 known by name, and no sequence"),
        ("abc9 V600E", "no protein 'abc9 V600E' among the 3 known by name, and no sequence"),
        ("MKTAY", "no protein 'MKTAY' among the 3 known by name, and no sequence"),
        (KINASE + "1" + KINASE, "'1' stands for no residue"),
        (KINASE + "é", "'É' stands for no residue"),
        ("A" * (LONGEST + 1), f"{LONGEST + 1} residues, want 30 to 10000"),
        ("X" * 25 + "A" * 20, "more than half of the residues are unknown"),
        ("ABC1 K3R", "K3R: residue 3 is T"),
        ("ABC1 K300R", "K300R: there are 33 residues"),
        ("ABC1 K0R", "K0R: there are 33 residues"),
        ("ABC1 K2", f"no edit: 'K2', want one like {FORMS}"),
        ("ABC1 K2RR", f"no edit: 'K2RR', want one like {FORMS}"),
        ("ABC1 K2_Y5R", f"no edit: 'K2_Y5R', want one like {FORMS}"),
        ("ABC1 K2delR", f"no edit: 'K2delR', want one like {FORMS}"),
        ("ABC1 ITD", f"no edit: 'ITD', want one like {FORMS}"),
        ("ABC1 K2R,K2T", "two edits of residue 2"),
        ("ABC1 K2_Y5del,T3A", "two edits of residue 3"),
        ("ABC1 Y5_K2del", "Y5_K2del: ends before it begins"),
        ("ABC1 K2_A4insW", "K2_A4insW: 2 and 4 are no neighbours"),
        ("ABC1 K2_A3insW", "K2_A3insW: residue 3 is T"),
        ("ABC1 K2insW", f"no edit: 'K2insW', want one like {FORMS}"),
        ("ABC1 K2_T3ins", f"no edit: 'K2_T3ins', want one like {FORMS}"),
        ("ABC1 K2_T3insW,K2_T3insV", "two edits of residue 3"),
        ("ABC1 Lys3Arg", "K3R: residue 3 is T"),
        ("ABC1-K3R", "K3R: residue 3 is T"),
        ("ABC1-D1", "no protein 'ABC1-D1' among the 3 known by name, and no sequence"),
        ("ABC1-beta", "no protein 'ABC1-beta' among the 3 known by name, and no sequence"),
        ("abc9-K2R", "no protein 'abc9-K2R' among the 3 known by name, and no sequence"),
    ],
)
def test_what_cannot_be_read_says_why(text, told):
    assert reason(text) == told


def test_residues_that_are_not_among_the_twenty_are_the_nearest_to_them():
    assert sequence("U" + KINASE + "OBZJX") == "C" + KINASE + "KXXXX"


def test_rows_stay_in_their_place_and_the_same_sequence_is_known_again():
    read = Proteins.of(["ABC1", "nobody", KINASE, "P12345"], known=KNOWN)
    assert read.ok.tolist() == [True, False, True, True]
    assert read.keys[0] == read.keys[2] != read.keys[3] and read.keys[1] == ""
    assert read.names == ("ABC1", "nobody", KINASE[:30] + "…", "P12345")
    again = read.take(np.array([3, 0]))
    assert again.names == ("P12345", "ABC1") and again.sequences == (KINASE[::-1], KINASE)
    assert len(Proteins.of([])) == 0


def test_order_and_names_change_the_digest():
    one, other = Proteins.of(["ABC1", "P12345"], known=KNOWN), Proteins.of(["P12345", "ABC1"], known=KNOWN)
    assert one.digest != other.digest and one.digest == Proteins.of(["ABC1", "P12345"], known=KNOWN).digest


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("packed", [False, True])
def test_fasta_is_read_whatever_its_ends(tmp_path, end, packed):
    text = end.join([">sp|P00533|EGFR_HUMAN receptor", KINASE[:20], KINASE[20:], "", ">second one", KINASE[::-1], ">bad", "MK1"]) + end
    path = tmp_path / ("some.fasta.gz" if packed else "some.fa")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    read = read_proteins(path)
    assert read.names == ("P00533", "second", "bad")
    assert read.sequences == (KINASE, KINASE[::-1], "")
    assert read.reasons[2] != ""


def test_a_table_is_read_by_its_columns(tmp_path):
    path = tmp_path / "proteins.csv"
    path.write_text(f"name,sequence\nNA,{KINASE}\nempty,\n")
    read = read_proteins(path)
    assert read.names == ("NA", "empty") and read.ok.tolist() == [True, False]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.fasta", f">pep\nMKTAYI\n>empty\n>odd\nMRG*{KINASE}\n>ABC1\nABC1\n>good\n{KINASE}\n"),
        ("a.csv", f"name,sequence\npep,MKTAYI\nempty,\nodd,MRG*{KINASE}\nABC1,ABC1\ngood,{KINASE}\n"),
    ],
)
def test_what_a_file_has_as_a_sequence_is_never_taken_for_a_name(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    told = ("6 residues, want 30 to 10000", "no sequence given", "'*' stands for no residue", "'ABC1' is no sequence", "")
    assert read_proteins(tmp_path / name, known=KNOWN).reasons == told


def test_what_is_no_file_is_one_protein():
    assert read_proteins("abc1 K2R", known=KNOWN).sequences == ("MR" + KINASE[2:],)
    assert read_proteins(KINASE * 100).sequences == (KINASE * 100,)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.fasta", "", "no protein in it"),
        ("a.csv", "id,sequence\na,MK\n", "no column 'name'"),
        ("a.txt", KINASE, r"not a file of proteins: \.txt"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path, name, content, told):
    (tmp_path / name).write_text(content)
    with pytest.raises(MolgenError, match=told):
        read_proteins(tmp_path / name)


def test_a_protein_listed_with_the_edits_is_taken_before_they_are_made_in_its_own_sequence():
    known = {"EGFR": KINASE, "EGFR(L858RT790M)": "C" * 40, "MAPK14": KINASE, "p38-alpha(K2R)": "D" * 40}
    said = Proteins.of(["egfr L858R/T790M", "EGFR(L858R, T790M)", "EGFR K2R", "MAPK14 K2R", "Q16539 k2r"], known=known)
    assert said.sequences == ("C" * 40, "C" * 40, "MR" + KINASE[2:], "D" * 40, "D" * 40)


@pytest.mark.parametrize("length", [30, 200, 300, 600, 999, 5000])
def test_a_sequence_of_any_length_is_no_file(length):
    assert read_proteins("MKTAYIAKQR" * (length // 10)).sequences == ("MKTAYIAKQR" * (length // 10),)


def test_names_that_differ_in_case_alone_are_two(tmp_path):
    one, other = "MKTAYIAKQR" * 4, "GSWWPNDCCH" * 4
    known = {"Abl": one, "ABL": other}
    assert Proteins.of(["Abl", "ABL", "abl"], known=known).sequences == (one, other, other)
    (tmp_path / "twins.csv").write_text(f"name,sequence\nA,{one}\nB,{other}\nA,{other}\n")
    with pytest.raises(MolgenError, match="two that differ are called 'A'"):
        Pairing.of("target", table=tmp_path / "twins.csv")


def test_numbered_blocks_of_a_fasta_file_are_one_sequence(tmp_path):
    (tmp_path / "a.fasta").write_text(">A\n  1 MKTAYIAKQR QISFVKSHFS\n 21 RQLEERLGLI EVQAPILSRV\n>B\nMKTAY1AKQRQISFVKSHFSRQLEERLGLI\n")
    found = read_proteins(tmp_path / "a.fasta")
    assert found.sequences[0] == "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRV"
    assert found.reasons[1] == "'1' stands for no residue"


def test_a_remark_in_a_fasta_file_is_no_protein(tmp_path):
    (tmp_path / "a.fasta").write_text("; from here\n>A\n" + "MKTAYIAKQR" * 4 + "\n")
    assert read_proteins(tmp_path / "a.fasta").names == ("A",)


def test_a_file_that_is_not_there_is_no_sequence(tmp_path):
    for read in (read_proteins, lambda path: Pairing.of("target", table=path)):
        with pytest.raises(MolgenError, match="no such file"):
            read(tmp_path / "missing.fasta")
    with pytest.raises(MolgenError, match="no such file"):
        Pairing.of("target", table="MKTAYIAKQR" * 4)
