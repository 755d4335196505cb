"""A recurrent network that writes SMILES, a token at a time: how likely it finds a text, and what it writes by itself.

Segler et al., ACS Cent. Sci. 4 (2018) 120; Olivecrona et al., J. Cheminform. 9 (2017) 48. While writing, a branch that is not open
is not closed, and a text does not end inside a branch or a ring.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from molgen.nn.tokens import END, FIRST_STYLE, STYLES, Tokens

_LONGEST = 160  # tokens; nothing that people make needs as many
_AT_ONCE = 512  # texts that are written side by side


class Written(NamedTuple):
    """A text, the prompt with it."""

    text: str
    ended: bool  # False: cut off at the longest


class Writer(nn.Module):
    """Gated recurrent units (Cho et al., arXiv 1406.1078) over embedded tokens."""

    def __init__(self, tokens: int, *, width: int = 512, letter_width: int = 192, layers: int = 1) -> None:
        super().__init__()
        self.letter = nn.Embedding(tokens, letter_width)
        self.units = nn.GRU(letter_width, width, layers, batch_first=True)
        self.out = nn.Linear(width, tokens)

    def forward(self, rows: Tensor) -> Tensor:  # [rows], nats
        """How unlikely each row of tokens is: [rows, tokens] int64, the style first, END last and in what is left of a row."""
        inputs, targets = rows[:, :-1], rows[:, 1:]
        real = torch.cat([torch.ones_like(targets[:, :1], dtype=torch.bool), targets[:, :-1] != END], dim=1)
        states, _ = self.units(self.letter(inputs))
        losses = nn.functional.cross_entropy(self.out(states[real]), targets[real], reduction="none")
        row = real.nonzero()[:, 0]
        return torch.zeros(len(rows), dtype=losses.dtype, device=losses.device).index_add(0, row, losses)


def padded(rows: Sequence[Sequence[int] | NDArray[np.int16]]) -> Tensor:  # [rows, longest + 1] int64
    """Rows as `Writer` reads them: each with its end."""
    whole = torch.full((len(rows), max(map(len, rows)) + 1), END)
    for i, row in enumerate(rows):
        whole[i, : len(row)] = torch.as_tensor(row)  # int16 from files
    return whole


@torch.no_grad()
def write(
    writer: Writer,
    tokens: Tokens,
    prompts: Sequence[Sequence[int]],
    *,
    seed: int,
    temperature: float = 1.0,
    at_once: int = _AT_ONCE,
) -> list[Written]:
    """A text for each prompt, which is its first tokens, a style at least. The same seed writes the same.

    Texts that have ended make room for those that wait, so that the products stay large to the end.
    """
    desk = _Desk(writer, tokens, prompts, at_once=at_once, temperature=temperature, seed=seed)
    while len(desk.place):
        desk.step()
    return [desk.done[i] for i in range(len(prompts))]


class _Desk:
    """The texts that are being written, a row each."""

    def __init__(
        self, writer: Writer, tokens: Tokens, prompts: Sequence[Sequence[int]], *, at_once: int, temperature: float, seed: int
    ) -> None:
        device = writer.out.weight.device
        self.writer, self.tokens, self.temperature = writer, tokens, temperature
        self.chance = torch.Generator(device).manual_seed(seed)
        self.syntax = [torch.as_tensor(of, device=device) for of in tokens.syntax]
        self.forbidden = self._forbidden()
        self.prompts = padded(prompts).to(device)
        self.prompted = torch.tensor([len(prompt) for prompt in prompts], device=device)
        # All that the first layer will ever say to a token: one product now instead of one a step.
        self.weights = {name: tensor.detach() for name, tensor in writer.units.named_parameters()}
        self.heard = self._heard(0, writer.letter.weight)
        self.done: dict[int, Written] = {}
        self.next = 0
        self.at_once = at_once
        self.place = torch.empty(0, dtype=torch.int64, device=device)  # [rows], which prompt
        self.age = torch.empty_like(self.place)  # tokens so far
        # Branches that are open, numbers of rings that are, whether an atom is being spelled.
        self.open = torch.empty(3, 0, dtype=torch.int64, device=device)
        self.states = torch.empty(writer.units.num_layers, 0, writer.units.hidden_size, device=device)
        self.text = torch.empty(0, _LONGEST, dtype=torch.int64, device=device)
        self._fill()

    def step(self) -> None:
        """One more token to each text."""
        last = self.text.gather(1, self.age[:, None] - 1)[:, 0]
        logits = self._logits(last)
        told = self.age < self.prompted[self.place]
        token = torch.where(told, self.prompts[self.place, self.age.clamp(max=self.prompts.shape[1] - 1)], self._chosen(logits))
        depth, _, rings, spells, _ = self.syntax
        self.open = torch.stack([self.open[0] + depth[token], self.open[1] ^ rings[token], self.open[2] + spells[token]])
        self.text.scatter_(1, self.age[:, None], token[:, None])
        self.age += 1
        over = (token == END) | (self.age >= _LONGEST)
        if over.any():
            self._clear(over)

    def _logits(self, last: Tensor) -> Tensor:
        below, two = self.heard[last], 2 * self.writer.units.hidden_size
        states: list[Tensor] = []
        for layer, before in enumerate(self.states):
            if layer:
                below = self._heard(layer, states[-1])
            held = nn.functional.linear(before, self.weights[f"weight_hh_l{layer}"], self.weights[f"bias_hh_l{layer}"])
            reset, stay = held[:, :two].add_(below[:, :two]).sigmoid_().chunk(2, dim=1)
            new = torch.addcmul(below[:, two:], reset, held[:, two:]).tanh_()
            states.append(new.lerp_(before, stay))
        self.states = torch.stack(states) if len(states) > 1 else states[0][None]
        logits: Tensor = self.writer.out(states[-1])
        return logits

    def _heard(self, layer: int, below: Tensor) -> Tensor:
        return nn.functional.linear(below, self.weights[f"weight_ih_l{layer}"], self.weights[f"bias_ih_l{layer}"])

    def _chosen(self, logits: Tensor) -> Tensor:
        state = 2 * self.open[0].clamp(max=len(self.forbidden) // 2 - 1) + self.open[2]
        allowed = self.forbidden[state].add_(logits, alpha=1 / self.temperature)
        allowed[:, END].masked_fill_(self.open.any(dim=0), -math.inf)
        # By the inverse of the summed chances: one random number a text, not one a token.
        summed = torch.softmax(allowed, dim=1).cumsum_(dim=1)
        drawn = torch.rand(len(summed), 1, generator=self.chance, device=summed.device) * summed[:, -1:]
        return torch.searchsorted(summed, drawn, right=True)[:, 0].clamp_(max=logits.shape[1] - 1)

    def _forbidden(self) -> Tensor:
        """[states, tokens], -inf for what may not come; a state is twice the open branches, and one more where an atom is being spelled."""
        _, lowest, _, _, letter = self.syntax
        depth = torch.arange(1 - int(lowest.min()), device=lowest.device)
        closes_too_much = (lowest < -depth[:, None])[:, None]
        wrong_place = torch.stack([letter, ~letter])
        refused = torch.zeros_like(letter)
        refused[FIRST_STYLE : FIRST_STYLE + len(STYLES)] = True
        return torch.zeros(len(letter), device=lowest.device).masked_fill(closes_too_much | wrong_place | refused, -math.inf).flatten(0, 1)

    def _clear(self, over: Tensor) -> None:
        for i, text in zip(self.place[over].tolist(), self.text[over].tolist()):
            self.done[i] = Written(self.tokens.text(text), END in text)
        self._keep(~over)
        self._fill()

    def _keep(self, rows: Tensor) -> None:
        self.place, self.age, self.text = self.place[rows], self.age[rows], self.text[rows]
        self.open, self.states = self.open[:, rows], self.states[:, rows]

    def _fill(self) -> None:
        """New texts for free rows; a fifth of them has to be free, as moving the others costs too."""
        free = min(self.at_once - len(self.place), len(self.prompts) - self.next)
        if free <= 0 or (len(self.place) and free < self.at_once // 5 and self.next + free < len(self.prompts)):
            return
        new = torch.arange(self.next, self.next + free, device=self.place.device)
        self.next += free
        text = torch.full((free, _LONGEST), FIRST_STYLE, device=new.device)  # says nothing, and is no end
        text[:, 0] = self.prompts[new, 0]
        self.place = torch.cat([self.place, new])
        self.age = torch.cat([self.age, torch.ones_like(new)])
        self.text = torch.cat([self.text, text])
        self.open = torch.cat([self.open, self.open.new_zeros(3, free)], dim=1)
        self.states = torch.cat([self.states, self.states.new_zeros(len(self.states), free, self.states.shape[2])], dim=1)
