"""The residues around a kinase's ATP site are found again in its relatives, and nowhere else."""

import numpy as np
import pytest

from molgen.data.proteins import RESIDUES
from molgen.features.pocket import ABL1, PLACES, Pockets
from molgen.features.residues import WIDTH

# ABL1's eighty-five as KLIFS has them.
KLIFS = "HKLGGGQYGEVYEVAVKTLEFLKEAAVMKEIKPNLVQLLGVYIITEFMTYGNLLDYLREYLEKKNFIHRDLAARNCLVVADFGLS"


def relative(rng: np.random.Generator, sequence: str, kept: float) -> str:
    """A sequence with so many of its residues, and stretches put in between domains."""
    letters = [letter if rng.random() < kept else str(rng.choice(list(RESIDUES))) for letter in sequence]
    return "".join([*rng.choice(list(RESIDUES), 40), *letters[:120], *rng.choice(list(RESIDUES), 7), *letters[120:]])


def test_the_pocket_of_abl1_is_the_one_klifs_has():
    assert len(KLIFS) == PLACES
    assert Pockets.among([]).letters([ABL1, "MSEQ" + ABL1 + "GS"]) == [KLIFS, KLIFS]


def test_what_changes_in_the_pocket_is_seen_there_alone():
    gatekeeper = ABL1.replace("FYIITEF", "FYIIIEF")
    (changed,) = Pockets.among([]).letters([gatekeeper])
    assert [i for i in range(PLACES) if changed[i] != KLIFS[i]] == [KLIFS.index("IITEF") + 2]


def test_relatives_of_relatives_are_reached_through_those_between():
    rng = np.random.default_rng(0)
    family = [ABL1]
    for _ in range(5):
        family.append(relative(rng, family[-1][40:] if len(family) > 1 else ABL1, 0.75))
    direct, led = Pockets.among([]), Pockets.among(family)
    kept = [sum(a == b for a, b in zip(KLIFS, pockets.letters([family[-1]])[0])) for pockets in (direct, led)]
    assert len(led.sequences) > 4 and kept[1] > kept[0]


def test_what_is_no_kinase_has_no_pocket():
    rng = np.random.default_rng(1)
    other = "".join(rng.choice(list(RESIDUES), 400))
    pockets = Pockets.among([other])
    assert pockets.sequences == (ABL1,)
    assert pockets.letters([other]) == ["-" * PLACES]
    numbers = pockets.numbers([other, ABL1])
    assert numbers.shape == (2, PLACES * WIDTH) and (numbers[0] == 0).all() and (numbers[1] != 0).any()


def test_order_and_repeats_of_kinases_change_nothing():
    rng = np.random.default_rng(2)
    some = [relative(rng, ABL1, 0.8) for _ in range(4)]
    asked = relative(rng, ABL1, 0.7)
    assert Pockets.among(some).letters([asked]) == Pockets.among([*some[::-1], *some]).letters([asked])


@pytest.mark.parametrize("many", [[], [ABL1]])
def test_any_number_of_proteins(many):
    assert Pockets.among([]).numbers(many).shape == (len(many), PLACES * WIDTH)
