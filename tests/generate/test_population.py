"""The population: the best, and not all of one kind."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from molgen.generate.population import Population

RINGS = ["c1ccccc1", "c1ccncc1", "C1CCNCC1"]
MOLECULES = ["C" * n + ring for ring in RINGS for n in range(1, 8)]


@given(st.lists(st.tuples(st.sampled_from(MOLECULES), st.floats(0, 1)), max_size=40, unique_by=lambda pair: pair[0]))
def test_it_holds_the_best_of_each_framework_whatever_the_order_of_arrival(scored):
    population = Population(size=6, per_scaffold=3)
    for smiles, score in scored:
        population.add(smiles, score)
    assert len(population) <= 6
    assert max(population.scaffolds().values(), default=0) <= 3
    if scored:
        assert population.smiles[0] == min(scored, key=lambda pair: (-pair[1], pair[0]))[0]


def test_the_same_molecule_gets_in_once():
    population = Population(size=5, per_scaffold=5)
    assert population.add("CCO", 0.5)
    assert not population.add("CCO", 0.9)
    assert population.smiles == ["CCO"]


def test_good_members_are_drawn_more_often_and_all_are_drawn():
    population = Population(size=30, per_scaffold=30)
    for n, smiles in enumerate(MOLECULES[:10]):
        population.add(smiles, 1.0 - n / 10)
    rng = np.random.default_rng(0)
    drawn = [population.draw(rng) for _ in range(5_000)]
    counts = [drawn.count(smiles) for smiles in population.smiles]
    assert counts[0] > 5 * counts[5] > 0
    assert min(counts) > 0
