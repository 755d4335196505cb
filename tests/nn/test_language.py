"""The language model that ships: what it writes are molecules, what it reads it ranks, and no molecule is beyond it."""

import numpy as np
import pytest
import torch
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.base.errors import MolgenError
from molgen.nn.checkpoint import read_checkpoint, write_checkpoint
from molgen.nn.language import Language, language
from molgen.nn.tokens import Tokens
from molgen.nn.writer import Writer


def test_most_of_what_it_writes_are_molecules_and_distinct():
    for style, least in (("lead", 0.9), ("drug", 0.8), ("any", 0.7)):
        written = [one.text for one in language().write(300, style=style, seed=0)]
        with BlockLogs():
            mols = [mol for text in written if (mol := Chem.MolFromSmiles(text)) is not None]
        assert len(mols) >= least * 300
        assert len({Chem.MolToSmiles(mol) for mol in mols}) >= 0.95 * len(mols)


def test_a_file_written_again_is_read_again(tmp_path):
    path = tmp_path / "mine.safetensors"
    language().save(path)
    before = language(path)
    assert language(str(path)) is before
    with torch.no_grad():
        weights = {name: tensor * 0.5 for name, tensor in before.writer.state_dict().items()}
    write_checkpoint(path, weights, {"pieces": before.tokens.pieces})
    assert language(path).digest != before.digest


def test_what_is_no_language_model_and_what_is_too_cold_is_refused(tmp_path):
    write_checkpoint(tmp_path / "other.safetensors", {"a": torch.zeros(2)}, {})
    with pytest.raises(MolgenError, match="holds no language model"):
        language(tmp_path / "other.safetensors")
    for temperature in (0, -1.0, 1e-40, float("nan")):
        with pytest.raises(MolgenError, match="temperature is"):
            language().write(2, seed=0, temperature=temperature)


def test_leads_are_more_alike_in_size_than_drugs_and_without_charges():
    leads, drugs = ([Chem.MolFromSmiles(text) for text in language().molecules(200, style=style, seed=1)] for style in ("lead", "drug"))
    assert np.std([mol.GetNumHeavyAtoms() for mol in leads]) < np.std([mol.GetNumHeavyAtoms() for mol in drugs]) - 1
    assert [any(map(Chem.GetFormalCharge, mols)) for mols in (leads, drugs)] == [False, True]


def test_as_many_molecules_as_were_asked_for_each_with_its_beginning():
    found = language().molecules(40, style="any", begin="O=C(c1ccncc1)N", seed=3)
    assert len(found) == 40 and found == language().molecules(40, style="any", begin="O=C(c1ccncc1)N", seed=3)
    assert all(text.startswith("O=C(c1ccncc1)N") and Chem.MolFromSmiles(text) is not None for text in found)
    assert language().molecules(0, seed=0) == []


def test_each_seed_has_molecules_of_its_own():
    one, other = (language().molecules(300, style="lead", seed=seed) for seed in (0, 1))
    assert not set(one) & set(other)


def test_a_beginning_that_leads_nowhere_is_told():
    untaught = Language(Writer(len(Tokens(["C", "("])), width=8, letter_width=4), Tokens(["C", "("]))
    with pytest.raises(MolgenError, match="only 0 are molecules, 2 were asked for"):
        untaught.molecules(2, begin="C(C)(C)(C)(C)C", seed=0)


def test_molecules_are_likelier_than_nonsense_and_every_element_can_be_read():
    usual, odd, rare = language().nll(["CC(=O)Nc1ccc(O)cc1", "OC1=CN=C1C#CN=NOCC=O", "C[Se]c1ccc([Te]C)cc1.[Xe]"])
    assert usual < odd < rare and np.isfinite(rare)


def test_no_such_model_says_which_there_is():
    with pytest.raises(MolgenError, match="no language model here"):
        language("molecule")


def test_a_model_from_before_electrons_were_told_hears_nothing_of_them(tmp_path):
    tokens = Tokens(["C", "c", "1", "n", "(", ")"])
    deaf = Writer(len(tokens), width=16, letter_width=8)
    Language(deaf, tokens).save(tmp_path / "new.safetensors")
    weights, facts = read_checkpoint(tmp_path / "new.safetensors")
    del weights["electrons.weight"]
    write_checkpoint(tmp_path / "old.safetensors", weights, facts)
    with torch.no_grad():
        deaf.electrons.weight.zero_()
    texts = ["c1ccncc1", "Cn1cccc1C"]
    assert language(tmp_path / "old.safetensors").nll(texts) == pytest.approx(Language(deaf, tokens).nll(texts), rel=1e-3)
    assert language(tmp_path / "new.safetensors").nll(texts) != pytest.approx(Language(deaf, tokens).nll(texts), rel=1e-3)
