"""Frames: what a scaffold, pieces to link or a lead to edit say must stay, judged on molecules drawn by hand."""

import pytest
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.generate.frame import FRAMES, Frame
from tests.generate.toys import largest_ring

HELD = [
    ("decorate", "*c1ccc(*)nc1", "Cc1ccc(C2CC2)nc1", True),
    ("decorate", "*c1ccc(*)nc1", "Cc1ccc(C2CC2)nc1F", False),  # a third substituent
    ("decorate", "*c1ccc(*)nc1", "Cc1cccnc1", False),  # a place left open
    ("decorate", "*c1ccc(*)nc1", "Cc1ccc(C2CC2)cn1", True),  # the same positions, read the other way round
    ("decorate", "*c1ccc(*)nc1", "Cc1cc(C2CC2)ccn1", False),  # other positions
    ("decorate", "*c1cc(*)ccc1", "C1CCc2ccccc2C1", False),  # one ring for two places
    ("decorate", "[1*]C[C@H](N)O", "CCC[C@H](N)O", True),
    ("decorate", "[1*]C[C@H](N)O", "CCC[C@@H](N)O", False),
    ("decorate", "*[C@](C)(F)N", "CC[C@](C)(F)N", True),
    ("decorate", "*[C@](C)(F)N", "CC[C@@](C)(F)N", False),  # stereo at the open place itself
    ("decorate", "*n1cccc1", "CCn1cccc1", True),
    ("decorate", "*n1cccc1", "c1cc[nH]c1", False),
    ("decorate", "*C(=O)[O-]", "CCC(=O)O", True),  # drawn as the salt, scored as the acid
    ("decorate", "*c1ccccc1", "CC=Cc1ccccc1", True),
    ("decorate", "*CS(C)=O", "CC[S+](C)[O-]", True),  # the same oxide, as standardising writes it
    ("decorate", "*[C@](*)(F)N", "CC[C@](C)(F)N", True),  # either hand: the stars are not told apart
    ("link", "*c1ccccc1.*C1CC1", "O=C(Nc1ccccc1)C1CC1", True),
    ("link", "*c1ccccc1.*C1CC1", "O(c1ccccc1)C1CC1", True),  # a linker of one atom
    ("link", "*c1ccccc1.*C1CC1", "c1ccccc1C1CC1", False),  # of none
    ("link", "*c1ccccc1.*C1CC1", "O(c1ccc(C)cc1)C1CC1", False),  # something else hangs on a piece
    ("link", "*c1ccccc1.*C1CC1", "Oc1ccccc1", False),
    ("link", "*c1ccccc1.*c1ccccc1", "c1ccc(Cc2ccccc2)cc1", True),  # the same piece twice
    ("link", "*c1ccccc1.*c1ccccc1", "Cc1ccccc1", False),
    ("link", "*c1cccc(*)c1", "C1CCCCc2cccc(c2)CCCC1", True),
    ("link", "*c1cccc(*)c1", "CCCc1cccc(CC)c1", False),  # two substituents, no ring
    ("link", "*C.*N.*O", "CC(N)O", True),
    ("link", "*c1ccc(*)cc1", "C1CCCCc2ccc(cc2)CC1", True),  # seven atoms bridge para
    ("link", "*c1ccc(*)cc1", "C1CCCc2ccc(cc2)CC1", False),
    ("link", "*c1cccc(*)c1", "C1CCCc2cccc(c2)CC1", True),  # six bridge meta
    ("link", "*c1cccc(*)c1", "C1CCc2cccc(c2)CC1", False),
    ("link", "*c1ccccc1*", "C1CCc2ccccc2C1", True),  # ortho as ever
    ("link", "*Cc1ccc(C*)cc1", "C1CCCCc2ccc(cc2)CC1", True),  # the piece's own atoms count
    ("link", "*C1CCC(*)CC1", "C1CC2CCC1CC2", True),  # a ring that bends
    ("link", "*c1ccc(*)cc1.*C1CC1.*N1CCOCC1", "C1CC1c1ccc(CN2CCOCC2)cc1", False),  # two pieces bound to each other
    ("link", "*c1ccccc1.*C1CC1.*N1CCOCC1", "C1CC1C(c1ccccc1)N1CCOCC1", True),
    ("edit", "CC(=O)Nc1ccc([OH:1])cc1", "CC(=O)Nc1ccc(C#N)cc1", True),
    ("edit", "CC(=O)Nc1ccc([OH:1])cc1", "CC(=O)Nc1ccccc1", True),  # taken off altogether
    ("edit", "CC(=O)Nc1ccc([OH:1])cc1", "CC(=O)Nc1ccc(O)c(C)c1", False),  # grown elsewhere
    ("edit", "CC(=O)Nc1ccc([OH:1])cc1", "CC(=S)Nc1ccc(O)cc1", False),
    ("edit", "C[C@H](N)C[OH:1]", "C[C@H](N)CF", True),
    ("edit", "C[C@H](N)C[OH:1]", "C[C@@H](N)CF", False),
    ("edit", "C[C@H]([NH2:1])CO", "C[C@H](F)CO", True),  # the new one in the old one's place
    ("edit", "C[C@H]([NH2:1])CO", "C[C@@H](F)CO", False),
    ("edit", "C[C@H]([NH2:1])CO", "CC(F)CO", False),
    ("edit", "C[C@H]([NH2:1])CO", "CCCO", False),  # no centre any more
    ("edit", "C[C@@H]([SH:1])CF", "C[C@@H](O)CF", True),  # another CIP label, the same arrangement
    ("edit", "N[C@@]([CH3:1])([OH:2])CF", "N[C@](CC)(Cl)CF", True),  # two new ones are not told apart
    ("edit", "F/C=C/[CH3:1]", "F/C=C/Cl", True),
    ("edit", "F/C=C/[CH3:1]", "F/C=C\\Cl", False),
    ("edit", "F/C=C/[CH3:1]", "FC=CCl", False),
    ("edit", "F/C=C(\\N)[CH3:1]", "F/C=C/N", False),
    ("edit", "F/C=C(\\N)[CH3:1]", "F/C=C\\N", True),  # taken off: the nitrogen still tells
    ("edit", "C[CH]([OH:1])c1ccccc1", "CC(=O)c1ccccc1", False),  # a kept hydrogen lost
    ("edit", "CC(=[O:1])c1ccccc1", "CC(O)c1ccccc1", False),  # or won
    ("edit", "CC(=[O:1])c1ccccc1", "CC(=S)c1ccccc1", True),
    ("edit", "O=C1CCN(c2ccccc2)C[CH2:1]1", "O=C1CCN(c2ccccc2)CN1C", True),
    ("edit", "O=C1CCN(c2ccccc2)C[CH2:1]1", "O=C1CCN(c2ccccc2)C=C1C", False),
    ("edit", "O=C1CCN(c2ccccc2)C[CH2:1]1", "CC(=O)CCN(C)c1ccccc1", False),  # the ring opened
    ("edit", "O=C1CCN(c2ccccc2)C[CH2:1]1", "COC(=O)CCN(CF)c1ccccc1", False),
    ("edit", "C[NH2+][CH2:1]C", "CNCC", True),  # drawn as the salt
    ("edit", "Cc1cc([CH3:1])n[nH]1", "Cc1cc(F)n[nH]1", True),
    ("edit", "Cc1cc([CH3:1])n[nH]1", "Cc1cc(F)[nH]n1", False),  # the hydrogen at the other nitrogen
    ("edit", "c1ccc([CH2:1]c2ccncc2)cc1", "c1ccc(Oc2ccncc2)cc1", True),
    ("edit", "c1ccc([CH2:1]c2ccncc2)cc1", "c1ccc(-c2ccncc2)cc1", True),
]


@pytest.mark.parametrize(("kind", "text", "smiles", "held"), HELD)
def test_what_a_frame_holds(kind, text, smiles, held):
    assert (FRAMES[kind](text).held(Chem.MolFromSmiles(smiles)) is not None) == held


@pytest.mark.parametrize(("kind", "text"), sorted({(kind, text) for kind, text, _, _ in HELD}))
def test_a_frame_begins_with_molecules_that_hold_it(kind, text):
    frame = FRAMES[kind](text)
    assert frame.starts
    assert all(frame.held(Chem.MolFromSmiles(smiles)) is not None for smiles in frame.starts)


def test_kept_and_closed_atoms_by_hand():
    frame = Frame.edit("CC(=O)Nc1ccc([OH:1])cc1")
    held = frame.held(Chem.MolFromSmiles("CC(=O)Nc1ccccc1"))  # the marked oxygen is gone: its carbon is open
    assert len(held.kept) == 10 and len(held.kept - held.closed) == 1
    (free,) = held.kept - held.closed
    mol = Chem.MolFromSmiles("CC(=O)Nc1ccccc1")
    assert mol.GetAtomWithIdx(free).GetIsAromatic() and Chem.GetDistanceMatrix(mol)[free, 3] == 4  # para to the nitrogen


def test_only_an_edited_lead_is_known_and_only_one_piece_closes_a_ring():
    assert Frame.edit("CC(=O)Nc1ccc([OH:1])cc1").lead == "CC(=O)Nc1ccc(O)cc1"
    assert Frame.decorate("*c1ccccc1").lead == ""
    assert Frame.link("*c1cccc(*)c1").ring and not Frame.link("*c1ccccc1.*C1CC1").ring


def test_a_macrocycle_begins_with_large_rings():
    assert all(12 <= largest_ring(smiles) <= 18 for smiles in Frame.link("*Cc1cccc(CC*)c1").starts)


def test_no_start_joins_pieces_by_a_bond_that_does_not_last():
    starts = Frame.link("*N1CCCC1.*C1CC1").starts
    assert "C1CCN(CC2CC2)C1" in starts
    assert not [smiles for smiles in starts if Chem.MolFromSmiles(smiles).HasSubstructMatch(Chem.MolFromSmarts("N-[O,N]"))]


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("decorate", "c1ccccc1", "has no star"),
        ("decorate", "c1cc", "is not SMILES"),
        ("decorate", "", "is not SMILES"),
        ("decorate", "*c1ccccc1.*CC", "several pieces"),
        ("decorate", "*1CCCC1", "not on one single bond"),
        ("decorate", "*=C", "not on one single bond"),
        ("decorate", "**", "not on one single bond"),
        ("link", "*c1ccccc1", "1 stars, want 2 to 4"),
        ("link", "*C.*C.*C.*C.*C", "5 stars, want 2 to 4"),
        ("link", "*c1ccc(*)cc1.CC", "no star"),
        ("edit", "CC", "none of the lead's 2 atoms"),
        ("edit", "[CH3:1][CH3:2]", "all of the lead's 2 atoms"),
        ("edit", "[CH3:1]C.CC", "nothing to start from"),
    ],
)
def test_what_can_not_be_a_frame_is_a_request_error(kind, text, message):
    with pytest.raises(MolgenError, match=message):
        FRAMES[kind](text)


@pytest.mark.parametrize("scaffold", ["*c1ccc(*)nc1", "*c1nc(*)nc(N*)n1", "C[C@@H](*)N*", "*N1CCN(*)CC1"])
def test_a_scaffold_with_several_stars_begins_with_an_arm_at_each(scaffold):
    frame = Frame.decorate(scaffold)
    stars = scaffold.count("*")
    bare = Chem.MolFromSmiles(scaffold).GetNumAtoms() - stars
    plain, *others = (Chem.MolFromSmiles(smiles) for smiles in frame.starts)
    assert len(others) >= 5
    assert all(frame.held(mol) is not None for mol in (plain, *others))
    assert sum(mol.GetNumAtoms() >= bare + 2 * stars for mol in others) > len(others) / 2  # no methyls alone


def test_a_scaffold_with_one_star_begins_with_the_shortest_arm_alone():
    assert Frame.decorate("*c1ccc2[nH]ncc2c1").starts == ("Cc1ccc2[nH]ncc2c1",)


@pytest.mark.parametrize(
    ("link", "smallest"),
    [("*c1cccc(C(=O)NCc2cccc(*)c2)c1", 12), ("*c1ccc(C(=O)NCc2ccc(*)cc2)cc1", 14), ("*CCCCCCC*", 12), ("*c1ccccc1*", 4)],
)
def test_a_linker_closes_no_ring_of_medium_size(link, smallest):
    frame = Frame.link(link)
    piece = Chem.MolFromSmiles(link)
    sizes = []
    for atoms in range(1, 10):
        closed = _closed(piece, atoms)
        if frame.held(closed) is not None:
            sizes.append(_ring_of(closed))
    assert min(sizes) == smallest


def _closed(piece, atoms):
    """The piece with so many carbons between its stars."""
    grown = Chem.RWMol(piece)
    first, last = (atom.GetIdx() for atom in piece.GetAtoms() if atom.GetAtomicNum() == 0)
    ends = [grown.GetAtomWithIdx(star).GetNeighbors()[0].GetIdx() for star in (first, last)]
    chain = [grown.AddAtom(Chem.Atom(6)) for _ in range(atoms)]
    for one, other in zip([ends[0], *chain], [*chain, ends[1]]):
        grown.AddBond(one, other, Chem.BondType.SINGLE)
    for star in sorted((first, last), reverse=True):
        grown.RemoveAtom(star)
    Chem.SanitizeMol(grown)
    return grown.GetMol()


def _ring_of(mol):
    """Atoms of the smallest ring through the chain, which stands last."""
    rings = mol.GetRingInfo().AtomRings()
    return min(len(ring) for ring in rings if mol.GetNumAtoms() - 1 in ring)
