"""A recurrent network that writes SMILES, a token at a time: how likely it finds a text, and what it writes by itself.

Segler et al., ACS Cent. Sci. 4 (2018) 120; Olivecrona et al., J. Cheminform. 9 (2017) 48. While writing, a branch that is not open
is not closed, and a text does not end inside a branch or a ring. One that ends with aromatic atoms that can't be paired by double
bonds is no molecule and is begun anew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from molgen.nn.place import CODES, DEPTH_CODES, ELECTRON_CODES, ENDS, INSIDE, RING_CODES, RINGS, Place, closes
from molgen.nn.tokens import END, FIRST_STYLE, STYLES, Tokens

_LONGEST = 100  # tokens beyond the prompt; hardly a molecule needs as many
_AT_ONCE = 512  # texts that are written side by side
_TRIES = 5  # beginnings of a text: few need a second, but whoever asks may begin with what can't be mended


class Written(NamedTuple):
    """A text, the prompt with it."""

    text: str
    ended: bool  # False: cut off at the longest
    begun: int = 1  # times


class Rows(NamedTuple):
    """Texts as the network reads them, each with its end."""

    tokens: Tensor  # [rows, longest + 1] int64, the style first, END last and in what is left of a row
    places: Tensor  # [rows, longest, codes] int64, where one is after each token

    def to(self, device: torch.device) -> Rows:
        return Rows(self.tokens.to(device), self.places.to(device))


class Writer(nn.Module):
    """Gated recurrent units (Cho et al., arXiv 1406.1078) over embedded tokens and the places they lead to."""

    def __init__(self, tokens: int, *, width: int = 512, letter_width: int = 192, layers: int = 1) -> None:
        super().__init__()
        self.letter = nn.Embedding(tokens, letter_width)
        self.rings = nn.Embedding(RINGS * RING_CODES, letter_width)
        self.depth = nn.Embedding(DEPTH_CODES, letter_width)
        self.electrons = nn.Embedding(ELECTRON_CODES, letter_width)
        self.units = nn.GRU(letter_width, width, layers, batch_first=True)
        self.out = nn.Linear(width, tokens)
        self.register_buffer("first_code", torch.arange(RINGS) * RING_CODES, persistent=False)

    def forward(self, rows: Rows) -> Tensor:  # [rows], nats
        """How unlikely each row is."""
        inputs, targets = rows.tokens[:, :-1], rows.tokens[:, 1:]
        real = torch.cat([torch.ones_like(targets[:, :1], dtype=torch.bool), targets[:, :-1] != END], dim=1)
        states, _ = self.units(self.letter(inputs) + self.placed(rows.places))
        losses = nn.functional.cross_entropy(self.out(states[real]), targets[real], reduction="none")
        row = real.nonzero()[:, 0]
        return torch.zeros(len(inputs), dtype=losses.dtype, device=losses.device).index_add(0, row, losses)

    def placed(self, codes: Tensor) -> Tensor:  # [..., letter_width]
        """The codes of places, embedded."""
        rings = self.rings(codes[..., :RINGS] + self.get_buffer("first_code")).sum(dim=-2)
        depth, electrons = codes[..., RINGS:].unbind(dim=-1)
        return rings + self.depth(depth) + self.electrons(electrons)


def padded(rows: Sequence[Sequence[int] | NDArray[np.int16]], places: Sequence[Sequence[Sequence[int]] | NDArray[np.uint8]]) -> Rows:
    """Rows of tokens, and of each the places they lead to, filled up to the longest."""
    longest = max(map(len, rows))
    tokens, codes = torch.full((len(rows), longest + 1), END), torch.zeros(len(rows), longest, CODES, dtype=torch.int64)
    for i, (row, place) in enumerate(zip(rows, places)):
        tokens[i, : len(row)] = torch.as_tensor(row)
        codes[i, : len(row)] = torch.as_tensor(place)
    return Rows(tokens, codes)


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
    if not prompts:
        return []
    desk = _Desk(writer, tokens, prompts, at_once=at_once, temperature=temperature, seed=seed)
    while desk.row:
        desk.step()
    return [desk.done[i] for i in range(len(prompts))]


class _Desk:
    """The texts that are being written, a row each."""

    def __init__(
        self, writer: Writer, tokens: Tokens, prompts: Sequence[Sequence[int]], *, at_once: int, temperature: float, seed: int
    ) -> None:
        self.device = writer.out.weight.device
        self.writer, self.tokens, self.prompts = writer, tokens, prompts
        self.at_once, self.temperature = at_once, temperature
        self.chance = torch.Generator(self.device).manual_seed(seed)
        # All that the first layer will ever say to a token: one product now instead of one a step. So with places below.
        self.weights = {name: tensor.detach() for name, tensor in writer.units.named_parameters()}
        self.heard = self._heard(0, writer.letter.weight)  # a row a token; then one for each place met so far
        self.heard_place: dict[tuple[int, ...], int] = {}  # its row
        self.forbidden = self._forbidden()
        self.done: dict[int, Written] = {}
        self.next = 0
        self.row: list[int] = []  # which prompt
        self.text: list[list[int]] = []
        self.place: list[Place] = []
        self.begun: list[int] = []  # times
        self.states = self.heard.new_empty(writer.units.num_layers, 0, writer.units.hidden_size)
        self._fill()

    def step(self) -> None:
        """One more token to each text."""
        chosen = self._chosen(self._logits()).tolist()
        over, anew = [], []
        for i, (text, place, row) in enumerate(zip(self.text, self.place, self.row)):
            prompt = self.prompts[row]
            token = prompt[len(text)] if len(text) < len(prompt) else chosen[i]
            text.append(token)
            place.read(self.tokens.steps[token])
            if token == END and not place.paired and self.begun[i] < _TRIES:
                anew.append(i)
            elif token == END or len(text) >= len(prompt) + _LONGEST:
                over.append(i)
        if anew:
            self._begin(anew)
        if over:
            self._clear(over)

    def _logits(self) -> Tensor:
        below, two = self._input(), 2 * self.writer.units.hidden_size
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

    def _input(self) -> Tensor:
        """[texts, gates] of the last token of each and its place; a place is worked out when it is met for the first time."""
        met = [place.codes() for place in self.place]
        new = list(dict.fromkeys(codes for codes in met if codes not in self.heard_place))
        if new:
            first = len(self.tokens) + len(self.heard_place)
            last = first + len(new)
            self.heard_place |= {codes: first + i for i, codes in enumerate(new)}
            if last > len(self.heard):  # twice as many, lest all be copied for each new one
                self.heard = torch.cat([self.heard, self.heard.new_empty(last, self.heard.shape[1])])
            self.heard[first:last] = self.writer.placed(torch.tensor(new, device=self.device)) @ self.weights["weight_ih_l0"].T
        rows = torch.tensor([(text[-1], self.heard_place[codes]) for text, codes in zip(self.text, met)], device=self.device)
        return nn.functional.embedding_bag(rows, self.heard, mode="sum")

    def _heard(self, layer: int, below: Tensor) -> Tensor:
        return nn.functional.linear(below, self.weights[f"weight_ih_l{layer}"], self.weights[f"bias_ih_l{layer}"])

    def _chosen(self, logits: Tensor) -> Tensor:
        deepest = len(self.forbidden) - 2
        state = [deepest + 1 if place.spelling else min(place.depth, deepest) for place in self.place]
        allowed = self.forbidden.index_select(0, torch.tensor(state, device=self.device)).add_(logits, alpha=1 / self.temperature)
        unfinished = torch.tensor([not place.whole for place in self.place], device=self.device)
        allowed[:, END].masked_fill_(unfinished, -math.inf)
        # By the inverse of the summed chances: one random number a text, not one a token.
        summed = torch.softmax(allowed, dim=1).cumsum_(dim=1)
        drawn = torch.rand(len(summed), 1, generator=self.chance, device=self.device) * summed[:, -1:]
        return torch.searchsorted(summed, drawn, right=True)[:, 0].clamp_(max=logits.shape[1] - 1)

    def _forbidden(self) -> Tensor:
        """[states, tokens], -inf for what may not come: a row for each number of open branches, the last for an atom being spelled."""
        letter = torch.tensor([steps in ((INSIDE,), (ENDS,)) for steps in self.tokens.steps])
        needs = torch.tensor([closes(steps) for steps in self.tokens.steps])
        style = torch.zeros_like(letter)
        style[FIRST_STYLE : FIRST_STYLE + len(STYLES)] = True
        depth = torch.arange(int(needs.max()) + 1)[:, None]
        refused = torch.cat([(needs > depth) | letter | style, ~letter[None]])
        return torch.zeros(refused.shape).masked_fill_(refused, -math.inf).to(self.device)

    def _begin(self, anew: Sequence[int]) -> None:
        """These once more."""
        for i in anew:
            self.text[i], self.place[i] = [self.prompts[self.row[i]][0]], Place()
            self.begun[i] += 1
        self.states[:, torch.tensor(anew, device=self.device)] = 0.0

    def _clear(self, over: Sequence[int]) -> None:
        for i in over:
            self.done[self.row[i]] = Written(self.tokens.text(self.text[i]), self.text[i][-1] == END, self.begun[i])
        gone = set(over)
        left = [i for i in range(len(self.row)) if i not in gone]
        self.row, self.text = [self.row[i] for i in left], [self.text[i] for i in left]
        self.place, self.begun = [self.place[i] for i in left], [self.begun[i] for i in left]
        self.states = self.states.index_select(1, torch.tensor(left, device=self.device, dtype=torch.int64))
        self._fill()

    def _fill(self) -> None:
        """New texts for free rows; a tenth of them has to be free, as moving the others costs too."""
        free = min(self.at_once - len(self.row), len(self.prompts) - self.next)
        if free <= 0 or (self.row and free < self.at_once // 10 and self.next + free < len(self.prompts)):
            return
        new = range(self.next, self.next + free)
        self.next += free
        self.row += new
        self.text += [[self.prompts[i][0]] for i in new]
        self.place += [Place() for _ in new]
        self.begun += [1 for _ in new]
        self.states = torch.cat([self.states, self.states.new_zeros(len(self.states), free, self.states.shape[2])], dim=1)
