"""What a network of texts writes by itself.

A branch that is not open is not closed, and a text does not end inside a branch or a ring. One that ends with aromatic atoms that
can't be paired by double bonds is no molecule and is begun anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from molgen.nn.place import ENDS, INSIDE, Place, closes
from molgen.nn.tokens import END, FIRST_STYLE, STYLES, Tokens
from molgen.nn.writer import Writer

_LONGEST = 100  # tokens beyond the prompt; hardly a molecule needs as many
_AT_ONCE = 512  # rows of a product
_COHORT = 8  # times as many texts are begun together: the more, the more of them begin alike
_TRIES = 5  # beginnings of a text: few need a second, but whoever asks may begin with what can't be mended


class Written(NamedTuple):
    """A text, the prompt with it."""

    text: str
    ended: bool  # False: cut off at the longest
    begun: int = 1  # times


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

    Texts that have begun alike are one row of the network until they part, which spares much of its work. Up to `at_once` rows are
    worked out together, and new texts are begun before fewer texts than that are left.
    """
    desk = _Desk(writer, tokens, prompts, at_once=at_once, temperature=temperature, seed=seed)
    while desk.branches:
        desk.step()
    return [desk.done[i] for i in range(len(prompts))]


@dataclass(slots=True)
class _Branch:
    """A beginning, and the texts that go on from it."""

    prompt: Sequence[int]
    tokens: list[int]
    place: Place
    texts: list[int]  # which prompts
    row: int  # of the states, what the network remembers of it

    @property
    def led(self) -> bool:
        """Whether the prompt says what comes next."""
        return len(self.tokens) < len(self.prompt)

    def parted(self, chosen: Iterator[int]) -> list[tuple[int, _Branch]]:
        """By the token that comes next, those of its texts that go on by it: itself, and others if there are several."""
        if self.led:
            return [(self.prompt[len(self.tokens)], self)]
        if len(self.texts) == 1:
            return [(next(chosen), self)]
        by_token: dict[int, list[int]] = {}
        for text, token in zip(self.texts, chosen):
            by_token.setdefault(token, []).append(text)
        return [(token, _Branch(self.prompt, self.tokens[:], self.place.copy(), texts, self.row)) for token, texts in by_token.items()]


class _Desk:
    """The texts that are being written."""

    def __init__(
        self, writer: Writer, tokens: Tokens, prompts: Sequence[Sequence[int]], *, at_once: int, temperature: float, seed: int
    ) -> None:
        self.device = writer.out.weight.device
        self.writer, self.tokens, self.prompts = writer, tokens, prompts
        self.at_once, self.temperature = at_once, temperature
        self.chance = torch.Generator(self.device).manual_seed(seed)
        self.weights = {name: tensor.detach() for name, tensor in writer.units.named_parameters()}
        self.two = 2 * writer.units.hidden_size  # of three parts of the gates, those whose two biases can be one
        for layer in range(writer.units.num_layers):
            heard, held = (self.weights[f"bias_{side}_l{layer}"] for side in ("ih", "hh"))
            self.weights[f"bias_ih_l{layer}"] = torch.cat([heard[: self.two] + held[: self.two], heard[self.two :]])
        # All that the first layer will ever say to a token: one product now instead of one a step. So with places below.
        self.heard = self._heard(0, writer.letter.weight)  # a row a token; then one for each place met so far
        self.heard_place: dict[tuple[int, ...], int] = {}  # its row
        self.forbidden = self._forbidden()
        self.spelling = len(self.forbidden) - 1  # its row for an atom being spelled
        self.done: dict[int, Written] = {}
        self.begun = [1] * len(prompts)  # times
        self.next = self.living = 0  # texts
        self.branches: list[_Branch] = []
        rows = 1 + min(len(prompts), (_COHORT + 1) * at_once)
        # The first row is that of a text not begun.
        self.states, self.later = self.heard.new_zeros(2, writer.units.num_layers, rows, writer.units.hidden_size)
        self._begin([])

    def step(self) -> None:
        """One more token to each text."""
        branches, self.branches = self.branches, []
        anew: list[int] = []
        for first in range(0, len(branches), self.at_once):
            part = branches[first : first + self.at_once]
            chosen = self._chosen(part, self._logits(part, 1 + first))
            for row, branch in enumerate(part, 1 + first):
                for token, grown in branch.parted(chosen):
                    grown.tokens.append(token)
                    grown.place.read(self.tokens.steps[token])
                    grown.row = row
                    if token == END or len(grown.tokens) >= len(grown.prompt) + _LONGEST:
                        anew += self._over(grown)
                    else:
                        self.branches.append(grown)
        self.states, self.later = self.later, self.states
        self._begin(anew)

    def _over(self, branch: _Branch) -> list[int]:
        """What has been written is done; which of the texts have to begin anew."""
        ended = branch.tokens[-1] == END
        failed = ended and not branch.place.paired
        text, anew = self.tokens.text(branch.tokens), []
        for i in branch.texts:
            if failed and self.begun[i] < _TRIES:
                anew.append(i)
            else:
                self.done[i] = Written(text, ended, self.begun[i])
        self.living -= len(branch.texts) - len(anew)
        return anew

    def _logits(self, part: Sequence[_Branch], first: int) -> Tensor:  # [branches, tokens], with -inf for what may not come
        """What comes next; what the network remembers then is kept, in rows from `first` on."""
        rows = torch.tensor([branch.row for branch in part], device=self.device)
        below, now, two = self._input(part), self.later[-1], self.two
        for layer, (states, later) in enumerate(zip(self.states, self.later)):
            if layer:
                below = self._heard(layer, now)
            before, weight = states.index_select(0, rows), self.weights[f"weight_hh_l{layer}"]
            reset, stay = below[:, :two].addmm_(before, weight[:two].T).sigmoid_().chunk(2, dim=1)
            held = nn.functional.linear(before, weight[two:], self.weights[f"bias_hh_l{layer}"][two:])
            new = below[:, two:].addcmul_(reset, held).tanh_()
            now = torch.lerp(new, before, stay, out=later[first : first + len(part)])
        logits = self.forbidden.index_select(0, torch.tensor([self._state(branch.place) for branch in part], device=self.device))
        return logits.addmm_(now, self.writer.out.weight.T, alpha=1 / self.temperature)

    def _state(self, place: Place) -> int:
        """Its row of `forbidden`."""
        return self.spelling if place.spelling else 2 * min(place.depth, self.spelling // 2 - 1) + (not place.whole)

    def _input(self, part: Sequence[_Branch]) -> Tensor:
        """[branches, gates] of the last token of each and its place; a place is worked out when it is met for the first time."""
        met = [branch.place.codes() for branch in part]
        new = list(dict.fromkeys(codes for codes in met if codes not in self.heard_place))
        if new:
            first = len(self.tokens) + len(self.heard_place)
            last = first + len(new)
            self.heard_place |= {codes: first + i for i, codes in enumerate(new)}
            if last > len(self.heard):  # twice as many, lest all be copied for each new one
                self.heard = torch.cat([self.heard, self.heard.new_empty(last, self.heard.shape[1])])
            self.heard[first:last] = self.writer.placed(torch.tensor(new, device=self.device)) @ self.weights["weight_ih_l0"].T
        rows = torch.tensor([(branch.tokens[-1], self.heard_place[codes]) for branch, codes in zip(part, met)], device=self.device)
        return nn.functional.embedding_bag(rows, self.heard, mode="sum")

    def _heard(self, layer: int, below: Tensor) -> Tensor:
        return nn.functional.linear(below, self.weights[f"weight_ih_l{layer}"], self.weights[f"bias_ih_l{layer}"])

    def _chosen(self, part: Sequence[_Branch], logits: Tensor) -> Iterator[int]:
        """A token for each text of these branches that its prompt does not lead, in order."""
        texts = torch.tensor([0 if branch.led else len(branch.texts) for branch in part], device=self.device)
        # By the inverse of the summed chances: one random number a text, not one a token.
        summed = torch.softmax(logits, dim=1).cumsum_(dim=1)
        if bool((texts != 1).any()):
            summed = summed.index_select(0, torch.arange(len(part), device=self.device).repeat_interleave(texts))
        drawn = torch.rand(len(summed), 1, generator=self.chance, device=self.device) * summed[:, -1:]
        return iter(torch.searchsorted(summed, drawn, right=True)[:, 0].clamp_(max=logits.shape[1] - 1).tolist())

    def _forbidden(self) -> Tensor:
        """[states, tokens], -inf for what may not come, else the network's bias: two rows for each number of open branches, where a
        text may end and where not, the last for an atom being spelled."""
        letter = torch.tensor([steps in ((INSIDE,), (ENDS,)) for steps in self.tokens.steps])
        needs = torch.tensor([closes(steps) for steps in self.tokens.steps])
        never = torch.zeros_like(letter)
        never[FIRST_STYLE : FIRST_STYLE + len(STYLES)] = True
        end = torch.arange(len(letter)) == END
        depth = torch.arange(int(needs.max()) + 1)[:, None]
        whole = (needs > depth) | letter | never
        refused = torch.cat([torch.stack([whole, whole | end], dim=1).flatten(0, 1), ~letter[None]])
        bias = (self.writer.out.bias / self.temperature).expand(refused.shape)
        return bias.masked_fill(refused.to(self.device), -math.inf)

    def _begin(self, anew: Sequence[int]) -> None:
        """These once more; and others for the first time, before those that are being written are too few for a large product."""
        for i in anew:
            self.begun[i] += 1
        last = min(self.next + _COHORT * self.at_once, len(self.prompts)) if self.living < self.at_once else self.next
        alike: dict[tuple[int, ...], list[int]] = {}
        for i in (*anew, *range(self.next, last)):
            alike.setdefault(tuple(self.prompts[i]), []).append(i)
        self.branches += [_Branch(prompt, [prompt[0]], Place(), texts, 0) for prompt, texts in alike.items()]
        self.living += last - self.next
        self.next = last
