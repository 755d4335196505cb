"""The writer: its likelihoods are those of what it writes, and its texts keep to the grammar."""

import itertools
import re

import numpy as np
import pytest
import torch

from molgen.base.errors import MolgenError
from molgen.nn.language import Language, language
from molgen.nn.place import CODES, Place
from molgen.nn.pupil import Lesson, Pupil
from molgen.nn.tokens import Tokens
from molgen.nn.writer import Writer, padded
from molgen.nn.writing import _Desk, write

PIECES = ["C", "N", "O", "(", ")", "=", "1", "c", "Cl", "CC", "c1ccccc1"]
SERIES = ["CCO", "CCN", "CC(=O)N", "c1ccccc1CC", "CC(C)N", "NCC(=O)O"]


def small(*, layers=1, seed=0):
    torch.manual_seed(seed)
    tokens = Tokens(PIECES)
    return Language(Writer(len(tokens), width=24, letter_width=8, layers=layers).eval().requires_grad_(False), tokens)


@pytest.fixture(scope="module")
def schooled():
    pupil, rng = Pupil(small(), learning_rate=5e-3), np.random.default_rng(0)
    for _ in range(150):
        pupil.imitate([Lesson(text, "drug") for text in SERIES], rng=rng)
    return pupil.language


def read(model, text):
    place = Place()
    for token in model.tokens.read(text):
        place.read(model.tokens.steps[token])
    return place


@pytest.mark.parametrize("layers", [1, 2])
def test_likelihood_read_token_by_token_is_that_of_the_whole(layers):
    model = small(layers=layers)
    row = model.tokens.encode("CC(=O)Nc1ccccc1", "lead")
    states, expected = None, 0.0
    for (before, after), place in zip(itertools.pairwise([*row, 0]), model.tokens.places(row)):
        heard = model.writer.letter(torch.tensor([[before]])) + model.writer.placed(torch.tensor([[place]]))
        out, states = model.writer.units(heard, states)
        expected -= torch.log_softmax(model.writer.out(out)[0, 0], 0)[after].item()
    assert model.nll(["CC(=O)Nc1ccccc1"], style="lead")[0] == pytest.approx(expected, rel=1e-5)


def test_rows_do_not_hear_each_other():
    model = small()
    alone = [model.nll([text])[0] for text in SERIES]
    assert model.nll(SERIES) == pytest.approx(alone, rel=1e-5)
    assert model.nll([]).shape == (0,)


def test_texts_are_written_as_often_as_they_are_likely(schooled):
    """How often a schooled model writes each text is what it reads as their likelihood."""
    written = [one.text for one in schooled.write(4_000, style="drug", seed=3)]
    expected = np.exp(-schooled.nll(SERIES))
    found = np.array([written.count(text) / len(written) for text in SERIES])
    assert found == pytest.approx(expected, abs=0.03) and found.sum() > 0.5


def test_prompts_are_kept(schooled):
    written = schooled.write(50, style="drug", begin="CC(=O)", seed=2)
    assert all(one.text.startswith("CC(=O)") for one in written)


def test_a_prompt_may_be_long_and_nothing_may_be_asked(schooled):
    begin = "C" * 150 + "[Og]" * 30
    assert all(written.text.startswith(begin) for written in schooled.write(3, begin=begin, seed=0))
    assert schooled.write(0, seed=0) == []


def test_branches_and_rings_are_closed_before_the_end():
    model = small(seed=4)
    written = [one.text for one in model.write(300, style="drug", seed=5) if one.ended]
    assert len(written) > 20
    for text in written:
        plain = re.sub(r"\[[^\]]*\]", "A", text)  # whatever is spelled is one atom
        depth = list(itertools.accumulate({"(": 1, ")": -1}.get(letter, 0) for letter in plain))
        assert min(depth, default=0) >= 0 and (not depth or depth[-1] == 0)
        assert "[" not in plain and plain.count("1") % 2 == 0


def test_a_text_whose_aromatic_atoms_cannot_be_paired_is_begun_anew():
    model = language()
    written = model.write(500, style="lead", seed=1)
    assert sum(one.begun > 1 for one in written) in range(1, 50)
    assert all(read(model, one.text).paired for one in written if one.ended)


def test_a_beginning_that_cannot_be_mended_comes_to_an_end():
    model = language()
    written = model.write(20, begin="c1cccc1C(", seed=1)
    assert all(one.begun > 1 and one.text.startswith("c1cccc1C(") for one in written if one.ended)


def test_texts_do_not_depend_on_how_many_are_written_side_by_side(schooled):
    prompts = [schooled.tokens.encode("", "drug")] * 40
    texts = [{one.text for one in write(schooled.writer, schooled.tokens, prompts, seed=7, at_once=n)} for n in (1, 7, 40)]
    assert all(found & set(SERIES) for found in texts)
    again = [write(schooled.writer, schooled.tokens, prompts, seed=7, at_once=7) for _ in range(2)]
    assert again[0] == again[1]


def test_texts_that_begin_alike_are_one_row_until_they_part():
    model, rows = language(), []
    desk = _Desk(model.writer, model.tokens, [model.tokens.encode("CC", "lead")] * 900, at_once=128, temperature=1.0, seed=0)
    while desk.branches:
        rows.append(len(desk.branches))
        assert sum(len(branch.texts) for branch in desk.branches) == desk.living
        tokens = [tuple(branch.tokens) for branch in desk.branches if desk.begun[branch.texts[0]] == 1]
        assert len(set(tokens)) == len(tokens)
        desk.step()
    steps = sum(len(model.tokens.read(one.text)) + 1 for one in desk.done.values())
    assert rows[0] == 1 and len(desk.done) == 900 and sum(rows) < 0.85 * steps


def test_a_saved_model_says_the_same(tmp_path):
    model = small()
    model.save(tmp_path / "model.safetensors")
    read = language(tmp_path / "model.safetensors")
    assert read.tokens.pieces == model.tokens.pieces
    assert read.nll(SERIES) == pytest.approx(model.nll(SERIES), rel=2e-3)


def test_a_missing_model_is_a_request_error(tmp_path):
    with pytest.raises(MolgenError, match="no language model here"):
        language(tmp_path / "none")


def test_imitation_makes_a_series_likelier_and_leaves_the_teacher_alone():
    teacher = small()
    before = teacher.nll(SERIES)
    pupil, rng = Pupil(teacher), np.random.default_rng(0)
    for _ in range(20):
        pupil.imitate([Lesson(text, "drug") for text in SERIES], rng=rng)
    assert np.all(pupil.language.nll(SERIES) < before) and np.array_equal(teacher.nll(SERIES), before)


def test_reinforcement_moves_likelihood_by_the_score_of_each(schooled):
    pupil, rng = Pupil(schooled), np.random.default_rng(0)
    before = schooled.nll(SERIES)
    scores = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
    for _ in range(60):
        pupil.reinforce([Lesson(text, "drug", score) for text, score in zip(SERIES, scores)], sigma=2.0, rng=rng)
    change = before - pupil.language.nll(SERIES)
    assert min(change[0], change[3]) > 0.3 and max(change[[1, 2, 4, 5]]) < min(change[0], change[3])


def test_the_padding_of_rows_is_their_end():
    rows = padded([[2, 5], [2, 5, 6]], [[(1,) * CODES] * 2, [(2,) * CODES] * 3])
    assert rows.tokens.tolist() == [[2, 5, 0, 0], [2, 5, 6, 0]]
    assert rows.places[:, :, 0].tolist() == [[1, 1, 0], [2, 2, 2]]
