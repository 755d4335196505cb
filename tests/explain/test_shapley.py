"""Shares against Shapley's formula written out over all orders of all players."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from molgen.explain.shapley import MOST_EXACT, Coalition, Group, shared


def game(players: int, seed: int):
    """A value for every set of players, two tasks, the empty set's not zero; and a count of how often it was asked."""
    table: dict[Coalition, np.ndarray] = {}

    def worth(coalitions):
        for one in coalitions:
            if one not in table:
                table[one] = np.random.default_rng((seed, *sorted(one))).normal(size=2)
        return np.stack([table[one] for one in coalitions])

    return worth


def by_all_orders(players: int, worth) -> np.ndarray:
    added = np.zeros((players, 2))
    orders = list(permutations(range(players)))
    for order in orders:
        for place, player in enumerate(order):
            before, after = worth([frozenset(order[:place]), frozenset(order[: place + 1])])
            added[player] += (after - before) / len(orders)
    return added


def test_single_players_get_their_shapley_value_exactly() -> None:
    worth = game(5, 1)
    found = shared([(i,) for i in range(5)], worth, rounds=1, rng=np.random.default_rng(0))
    np.testing.assert_allclose(found, by_all_orders(5, worth), atol=1e-12)


@pytest.mark.parametrize("groups", [[(0, 3), (1,), (2, 4, 5)], [(0, 1, 2, 3, 4, 5)], [(i,) for i in range(MOST_EXACT + 2)]])
def test_shares_sum_to_what_the_whole_is_worth_above_nothing(groups: list[Group]) -> None:
    players = sum(map(len, groups))
    worth = game(players, 2)
    found = shared(groups, worth, rounds=3, rng=np.random.default_rng(0))
    whole, nothing = worth([frozenset(range(players)), frozenset()])
    np.testing.assert_allclose(found.sum(axis=0), whole - nothing, atol=1e-12)


def test_a_group_gets_the_shapley_value_of_the_game_of_groups() -> None:
    groups: list[Group] = [(0, 3), (1,), (2, 4, 5)]
    worth = game(6, 3)
    found = shared(groups, worth, rounds=1, rng=np.random.default_rng(0))
    between = by_all_orders(3, lambda sets: worth([frozenset(p for i in one for p in groups[i]) for one in sets]))
    np.testing.assert_allclose([found[list(group)].sum(axis=0) for group in groups], between, atol=1e-12)


def test_a_player_who_adds_nothing_gets_nothing_and_equals_get_equal_shares() -> None:
    def worth(coalitions):
        return np.array([[float(len(one & {0, 1, 2}) >= 2)] for one in coalitions])

    found = shared([(i,) for i in range(4)], worth, rounds=1, rng=np.random.default_rng(0))[:, 0]
    np.testing.assert_allclose(found, [1 / 3, 1 / 3, 1 / 3, 0.0], atol=1e-12)


def test_more_rounds_come_nearer_to_the_exact_shares() -> None:
    worth, players = game(6, 5), MOST_EXACT + 1
    single = [(i,) for i in range(players)]

    def narrow(coalitions):
        return worth([frozenset(player % 6 for player in one) for one in coalitions])

    far, near = (
        np.mean([np.var([shared(single, narrow, rounds=rounds, rng=np.random.default_rng(seed)) for seed in range(12)], axis=0)])
        for rounds in (1, 16)
    )
    assert near < far / 8
