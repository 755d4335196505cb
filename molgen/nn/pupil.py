"""A language model that learns on: to write like a series of molecules, or what scores well.

Transfer as in Segler et al., ACS Cent. Sci. 4 (2018) 120. Reinforcement draws a text's likelihood towards what the model it began from
says of it and a bonus for its score (Olivecrona et al., J. Cheminform. 9 (2017) 48, equation 3); told again from other atoms on,
few scores teach much (Guo, Schwaller, JACS Au 4 (2024) 2160).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from molgen.nn.language import Language
from molgen.nn.writer import Rows

_OF_A_SERIES, _OF_SCORES = 16, 64  # texts a step; a series is small, and wants more steps
_CLIP = 1.0


class Lesson(NamedTuple):
    """A text, how it is to be read, and how good it is in [0, 1]."""

    text: str
    style: str
    score: float = 1.0


class Pupil:
    """A copy of a language model, and the optimizer that changes it. `language` is what it has become."""

    def __init__(self, language: Language, *, learning_rate: float = 5e-4) -> None:
        self._teacher = language
        self.language = Language(copy.deepcopy(language.writer).requires_grad_(True), language.tokens)
        self._optimizer = torch.optim.Adam(self.language.writer.parameters(), learning_rate, fused=True)

    def imitate(self, lessons: Sequence[Lesson], *, rng: np.random.Generator) -> float:
        """Mean surprise in nats while reading all once, each read making those like it more likely."""
        return float(np.mean([self._step(self.language.writer(rows).mean()) for rows, _ in self._batches(lessons, _OF_A_SERIES, rng)]))

    def reinforce(self, lessons: Sequence[Lesson], *, sigma: float, rng: np.random.Generator) -> float:
        """Mean loss: squared difference, in nats, to a likelihood higher by `sigma` times the score than the first model's."""
        losses = []
        for rows, scores in self._batches(lessons, _OF_SCORES, rng):
            with torch.no_grad():
                wanted = sigma * scores - self._teacher.writer(rows)
            losses.append(self._step((wanted + self.language.writer(rows)).square().mean() / sigma))
        return float(np.mean(losses))

    def _batches(self, lessons: Sequence[Lesson], size: int, rng: np.random.Generator) -> Iterator[tuple[Rows, Tensor]]:
        order: NDArray[np.int64] = rng.permutation(len(lessons))
        for start in range(0, len(order), size):
            chosen = [lessons[i] for i in order[start : start + size]]
            rows = self.language.rows([self.language.tokens.encode(one.text, one.style) for one in chosen])
            yield rows, torch.tensor([one.score for one in chosen], device=rows.tokens.device)

    def _step(self, loss: Tensor) -> float:
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.language.writer.parameters(), _CLIP)
        self._optimizer.step()
        return float(loss.item())
