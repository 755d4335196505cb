"""Who can react with whom: every reaction's example, and the groups that only look like a role's."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import AllChem, DataStructs

from molgen.base.errors import MolgenError
from molgen.generate.stock import Stock, reactions, stock_of

NAMED = {reaction.name: reaction for reaction in reactions()}


def takes(name, role, smiles):
    return NAMED[name].takes(Chem.MolFromSmiles(smiles), role)


@pytest.mark.parametrize("name", NAMED)
def test_a_reaction_makes_its_example_of_reactants_it_takes(name):
    reactants, product = NAMED[name].example.split(">>")
    mols = [Chem.MolFromSmiles(smiles) for smiles in reactants.split(".")]
    assert len(mols) == len(NAMED[name].roles)
    assert all(NAMED[name].takes(mol, role) for role, mol in enumerate(mols))
    assert NAMED[name].product(mols) == Chem.CanonSmiles(product)


def test_every_reaction_has_a_name_of_its_own():
    assert len(NAMED) == len(reactions()) >= 40


@pytest.mark.parametrize(
    ("name", "role", "smiles"),
    [
        ("amide coupling", 1, "CC(=O)NC"),  # an amide is no amine
        ("amide coupling", 1, "CC(=O)Nc1ccccc1"),
        ("amide coupling", 1, "CN(C)C"),  # no hydrogen to lose
        ("amide coupling", 1, "CS(=O)(=O)NC"),
        ("amide coupling", 1, "NC(N)=O"),
        ("amide coupling", 1, "NC(N)=NCC"),
        ("amide coupling", 1, "N#CNC"),
        ("amide coupling", 1, "c1ccc(Nc2ccccc2)cc1"),  # a diarylamine hardly acts
        ("amide coupling", 1, "c1cc[nH]c1"),
        ("amide coupling", 1, "C[NH3+]"),
        ("amide coupling", 1, "NCCCN"),  # which of the two
        ("amide coupling", 1, "C1CNCCN1"),
        ("amide coupling", 1, "NCC(=O)O"),  # would couple with itself
        ("amide coupling", 1, "NNCc1ccccc1"),
        ("amide coupling", 0, "OC(=O)CC(=O)O"),
        ("amide coupling", 0, "CC(=O)OC"),
        ("amide coupling", 0, "OC(=O)OC"),
        ("amide coupling", 0, "OC(=O)c1ccccc1NN"),
        ("reductive amination of a ketone", 1, "Nc1ccccc1"),  # an aniline is no alkylamine
        ("reductive amination of a ketone", 0, "CC(=O)OC"),
        ("reductive amination of a ketone", 0, "CC(=O)N(C)C"),
        ("reductive amination of a ketone", 0, "O=C1CCC(C=O)CC1"),  # the aldehyde is faster
        ("reductive amination of an aldehyde", 0, "CC(C)=O"),
        ("N-alkylation of a secondary amine", 0, "NCc1ccccc1"),  # would not stop at one
        ("N-alkylation of a secondary amine", 1, "Clc1ccccc1"),
        ("N-alkylation of a secondary amine", 1, "CC(C)(C)Br"),
        ("N-alkylation of a secondary amine", 1, "CC(=O)Cl"),
        ("N-alkylation of an azole", 0, "Cc1cc[nH]n1"),  # either nitrogen could be the one
        ("Williamson ether synthesis", 0, "OCC1CC1"),  # an alcohol is no phenol
        ("Williamson ether synthesis", 0, "Nc1ccc(O)cc1"),
        ("esterification", 1, "Oc1ccccc1"),
        ("esterification", 1, "CC(=O)O"),
        ("esterification", 1, "OCCO"),
        ("Suzuki coupling", 0, "Clc1ccccc1"),
        ("Suzuki coupling", 0, "Brc1ccc(Br)cc1"),
        ("Suzuki coupling", 0, "BrCc1ccccc1"),
        ("Suzuki coupling", 1, "OB(O)c1ccc(Br)cc1"),
        ("Suzuki coupling", 1, "OB1OCc2ccccc21"),
        ("Suzuki coupling", 1, "OB(O)CC1CC1"),
        ("Sonogashira coupling", 1, "CC#CC"),
        ("SNAr with an amine", 0, "Clc1cccnc1"),  # meta to the nitrogen
        ("SNAr with an amine", 0, "Clc1ccccc1"),
        ("SNAr with an amine", 0, "Clc1ncnc(Cl)c1"),
        ("SNAr with an amine", 0, "Clc1cccc2ncccc12"),
        ("Grignard addition to an aldehyde", 0, "OC(=O)c1ccc(Br)cc1"),
        ("urea from an isocyanate", 0, "S=C=Nc1ccccc1"),
        ("Boc removal", 0, "CC(C)(C)OC(=O)c1ccccc1"),
        ("Boc removal", 0, "CC(C)(C)OC(=O)NCCNC(=O)OC(C)(C)C"),
        ("ester hydrolysis", 0, "CC(=O)Oc1ccccc1"),
        ("thioether synthesis", 0, "CC(=O)S"),
        ("oxidation to a sulfone", 0, "c1ccsc1"),
        ("Hantzsch thiazole synthesis", 0, "CNC(=O)CCl"),
    ],
)
def test_what_only_looks_the_part_is_not_taken(name, role, smiles):
    assert not takes(name, role, smiles)


@pytest.mark.parametrize(
    ("name", "role", "smiles"),
    [
        ("amide coupling", 1, "Nc1ccccc1"),
        ("amide coupling", 1, "CC(=O)N1CCNCC1"),
        ("amide coupling", 0, "OC(=O)c1ccc(O)cc1"),
        ("reductive amination of a ketone", 1, "NCc1ccc(N(C)C)cc1"),
        ("Suzuki coupling", 0, "Clc1ccc(Br)cc1"),  # bromide before chloride
        ("SNAr with an amine", 0, "Clc1ccncc1"),
        ("Hantzsch thiazole synthesis", 1, "NC(N)=S"),  # two nitrogens of one site
        ("N-alkylation of an azole", 0, "Cc1cn[nH]c1"),
    ],
)
def test_what_plays_the_part_is_taken(name, role, smiles):
    assert takes(name, role, smiles)


def test_two_possible_products_are_none():
    diketone, hydrazine = Chem.MolFromSmiles("CC(=O)CC(=O)CC"), Chem.MolFromSmiles("NNc1ccccc1")
    assert NAMED["Knorr pyrazole synthesis"].product([diketone, hydrazine]) == ""


def test_stereo_of_the_blocks_stays_in_the_product():
    mols = [Chem.MolFromSmiles("OC(=O)[C@@H]1CCCO1"), Chem.MolFromSmiles("C[C@H](N)c1ccccc1")]
    assert NAMED["amide coupling"].product(mols) == Chem.CanonSmiles("C[C@H](NC(=O)[C@@H]1CCCO1)c1ccccc1")


BLOCKS = {"a": "OC(=O)c1ccccc1", "b": "NCC1CC1", "c": "OC(=O)CC", "d": "NCC1CCC1", "e": "CCO", "f": "NCC(=O)O", "g": "Nc1ccncc1"}


def test_a_pool_holds_whom_the_reaction_takes():
    stock = Stock.of(BLOCKS)
    for reaction in stock.reactions:
        for role in range(len(reaction.roles)):
            plain = [row for row, mol in enumerate(stock.mols) if reaction.takes(mol, role)]
            assert stock.pool(reaction, role).tolist() == plain
            assert [name for name in stock.ids if stock.can_play(name, reaction, role)] == [stock.ids[row] for row in plain]


def test_a_stock_with_more_blocks_is_that_of_all_together():
    first, rest = dict(list(BLOCKS.items())[:3]), dict(list(BLOCKS.items())[3:])
    grown, whole = Stock.of(first).plus(rest), Stock.of(BLOCKS)
    assert grown.ids == whole.ids and grown.smiles == whole.smiles
    assert all(np.array_equal(pool, whole.pools[key]) for key, pool in grown.pools.items())


def test_the_nearest_are_rdkits():
    stock, amide = Stock.of(BLOCKS), NAMED["amide coupling"]
    bits = {name: AllChem.GetMorganFingerprintAsBitVect(Chem.MolFromSmiles(text), 2, 2048) for name, text in BLOCKS.items()}
    near = [stock.ids[row] for row in stock.near("b", amide, 1)]
    assert near == sorted("dg", key=lambda name: -DataStructs.TanimotoSimilarity(bits["b"], bits[name]))


def test_an_empty_stock_is_one():
    stock = Stock.of({})
    assert not stock.able and not stock.runnable and len(stock) == 0


def test_a_file_of_blocks_is_read_by_its_ids_and_broken_rows_are_left_out(tmp_path):
    path = tmp_path / "blocks.csv"
    path.write_text("id,smiles\na,OC(=O)c1ccccc1\nb,NCC1CC1\nb,NCC1CCC1\nc,not a molecule\n")
    assert stock_of(str(path)).ids == ("a", "b", "b (row 3)")


def test_a_file_without_a_block_that_reacts_is_a_request_error(tmp_path):
    path = tmp_path / "blocks.smi"
    path.write_text("CC ethane\nCCC propane\n")
    with pytest.raises(MolgenError, match="none of 2 blocks can take part"):
        stock_of(str(path))
