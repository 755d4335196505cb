import numpy as np

from molgen.data.partners import Partners
from molgen.data.proteins import Proteins
from molgen.features.partner import ProteinView, view_of, worked_out
from molgen.features.pocket import ABL1

OTHERS = ["MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ", "GSWWPNDCCHYGGTPPLMNDEHFFYWACSTKLV"]
EVERY = Proteins.of([ABL1, *OTHERS, "bad"])


def test_numbers_are_the_same_worked_out_once_for_all_or_for_each_alone():
    partners = Partners(EVERY, np.arange(4))
    worked_out(partners)
    view = view_of(partners, np.array([0, 2]))
    together = view.numbers(partners)
    apart = [view.numbers(Partners(EVERY.take([i]), np.zeros(1, dtype=np.int64)))[0] for i in range(3)]
    assert together.shape == (4, view.width) and np.allclose(together[:3], apart, atol=1e-6) and not together[3].any()


def test_closeness_is_1_for_a_known_protein_and_0_for_a_rejected_one():
    partners = Partners(EVERY, np.arange(4))
    view = view_of(partners, np.array([0, 2]))
    assert isinstance(view, ProteinView)
    best = view.closeness(partners).max(axis=1)
    assert best[[0, 2]].tolist() == [1, 1] and 0 < best[1] < 0.3 and best[3] == 0


def test_only_a_kinase_has_a_pocket():
    partners = Partners(EVERY, np.arange(4))
    view = view_of(partners, np.array([0]))
    pocket = view.numbers(partners)[:, view.width - 85 * 27 :]
    assert pocket[0].any() and not pocket[1:].any()
