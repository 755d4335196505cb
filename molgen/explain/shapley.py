"""A value shared out among players by what each adds, whoever came before: to groups exactly, to their members by sampling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

Coalition = frozenset[int]  # players
Group = tuple[int, ...]
Values = Callable[[Sequence[Coalition]], NDArray[np.float64]]  # coalitions -> [coalitions, tasks]

MOST_EXACT = 9  # groups whose every coalition is asked: 512 of them


def shared(groups: Sequence[Group], values: Values, *, rounds: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """[players, tasks]: what each adds; all together, what the whole is worth above nothing.

    Groups get their Shapley value (Shapley 1953), in a game whose players they are: over all coalitions where there are at
    most `MOST_EXACT` groups, else over sampled orders. A group's members share it as in Owen's value of games with a
    coalition structure (Owen 1977): orders are drawn in which a group stays together, and each member gets what it adds
    to those before it. `rounds` orders and their reverses are drawn; then a group's members are raised or lowered
    alike until they sum to the group's exact value.

    >>> worth = lambda coalitions: np.array([[2.0 * (0 in one) + (0 in one and 1 in one)] for one in coalitions])
    >>> shared([(0,), (1,)], worth, rounds=1, rng=np.random.default_rng(0)).ravel().tolist()
    [2.5, 0.5]
    """
    orders = list(_orders(groups, rounds, rng))
    exact = _wanted(len(groups)) if len(groups) <= MOST_EXACT else {}
    coalitions = [frozenset(player for i in chosen for player in groups[i]) for chosen in exact]
    coalitions += [frozenset(order[:size]) for order in orders for size in range(len(order) + 1)]
    distinct = list(dict.fromkeys(coalitions))
    worth = dict(zip(distinct, values(distinct)))
    players = sum(map(len, groups))
    added = np.zeros((players, len(worth[frozenset()])))
    for order in orders:
        steps = np.stack([worth[frozenset(order[:size])] for size in range(players + 1)])
        added[list(order)] += np.diff(steps, axis=0) / len(orders)
    for i, group in enumerate(groups if exact else ()):
        members = list(group)
        value = sum(
            weight * (worth[_players(groups, (*chosen, i))] - worth[_players(groups, chosen)])
            for chosen, weight in exact.items()
            if i not in chosen and weight
        )
        added[members] += (value - added[members].sum(axis=0)) / len(members)
    return added


def _players(groups: Sequence[Group], chosen: Sequence[int]) -> Coalition:
    return frozenset(player for i in chosen for player in groups[i])


def _wanted(groups: int) -> dict[tuple[int, ...], float]:
    """Every set of groups, and how often it stands before another group when all orders are as likely."""
    whole = factorial(groups)
    sizes = {size: factorial(size) * factorial(groups - size - 1) / whole if size < groups else 0.0 for size in range(groups + 1)}
    return {chosen: sizes[size] for size in range(groups + 1) for chosen in combinations(range(groups), size)}


def _orders(groups: Sequence[Group], rounds: int, rng: np.random.Generator) -> Iterator[tuple[int, ...]]:
    """Orders of all players in which every group stays together, each followed by its reverse."""
    for _ in range(rounds):
        order = tuple(int(groups[i][j]) for i in rng.permutation(len(groups)) for j in rng.permutation(len(groups[i])))
        yield order
        yield order[::-1]
