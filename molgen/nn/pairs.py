"""A network for pairs of a molecule and a partner, a protein or a cell line: a tower for each, and what the two make of each other.

Each distinct molecule and each distinct partner goes through its tower once, whatever the number of pairs. What a pair says is then
a matter of two short vectors: a dot product, for what goes together, and distances in two learned spaces, one that counts for
the pair and one against it. The distances stand for a layer of rectifiers over the sum of both vectors, since relu(x) is (x + |x|) / 2;
so the network is trained as that layer, and asked about all pairs at once by distances, at millions of pairs a second.

A `deep` network goes on from there: products and rectified sums are read by more layers, which tell who goes together where the same
ones are asked about again and again, and cost each pair many times as much. One with `attention` sees the molecule's graph and the
protein's residues as well, at a like cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from molgen.base.errors import MolgenError
from molgen.features.graph import Graphs
from molgen.nn.attention import Attention, Places
from molgen.nn.batch import GraphBatch
from molgen.nn.fit import fit
from molgen.nn.fitted import Epoch, check_fit, rounded
from molgen.nn.forks import outlive_forks
from molgen.nn.loss import Kind
from molgen.nn.network import TrainingSettings
from molgen.nn.samples import Samples, named_scales

Given = TypeVar("Given")
_FAR = 5.0  # standard deviations from the mean past which a number says no more than "far out"
_UNHEARD = 1e9  # standard deviations that a number is divided by which is not to be heard
_PARTNERS_AT_ONCE = 256
_LIGANDS_AT_ONCE = 2_048
_ROWS_AT_ONCE, _ROWS_ATTENDED = 4_096, 256


class PairSettings(TrainingSettings):
    """What the towers are and how they are trained."""

    width: int = Field(256, ge=1, description="width of both towers")
    rank: int = Field(256, ge=1, description="numbers by which two vectors meet, in the product and in the distances alike")
    deep: tuple[int, ...] = Field((), description="widths of further layers over what the two make of each other; slow in a screen")
    attention: int = Field(0, ge=0, description="heads by which atoms of the graph and residues attend to each other; slow in a screen")
    attention_width: int = Field(64, ge=1, description="numbers an atom, and a few residues, are told by in each head")
    dropout: float = Field(0.2, ge=0, lt=1, description="share of what two vectors make of each other that is dropped while training")
    noise: float = Field(0.1, ge=0, lt=1, description="share of the numbers about molecule and partner dropped while training")
    epochs: int = Field(60, ge=1, description="passes over the training pairs")
    batch_size: int = Field(1024, ge=1, description="pairs a step")
    learning_rate: float = Field(2e-3, gt=0, description="largest learning rate")
    warmup: float = Field(0.05, ge=0, lt=1, description="share of all steps in which one_cycle rises")
    averaging: float = Field(0.99, ge=0, lt=1, description="decay of the running average of weights; 0 keeps the last")


class Ligands(NamedTuple):
    """Molecules to learn from or to be asked about."""

    numbers: Tensor  # [molecules, numbers]
    graphs: Graphs | None = None  # for attention

    def take(self, rows: NDArray[np.int64], device: torch.device | str = "cpu") -> Ligands:
        """Some of them, on a device."""
        return Ligands(self.numbers[torch.from_numpy(rows)].to(device), None if self.graphs is None else self.graphs.take(rows))

    def batch(self) -> GraphBatch:
        """The graphs, where the numbers are."""
        return GraphBatch.of(_there(self.graphs)).to(self.numbers.device)


class Others(NamedTuple):
    """Partners of them."""

    numbers: Tensor  # [partners, numbers]
    residues: Tensor | None = None  # [partners, residues], `coded`, for attention

    def take(self, rows: NDArray[np.int64], device: torch.device | str = "cpu") -> Others:
        """Some of them, on a device."""
        some = torch.from_numpy(rows)
        return Others(self.numbers[some].to(device), None if self.residues is None else self.residues[some].to(device))


class Tables(NamedTuple):
    """What meeting the other side takes, of molecules or of partners."""

    alone: Tensor  # [entries], what an entry says by itself
    along: Tensor  # [entries, rank], met in a dot product
    across: Tensor  # [entries, rank], met in rectifiers
    places: Places | None = None  # met by attention


class Tower(nn.Module):
    """Numbers to a vector: a layer, and one more around which it can go."""

    mean: Tensor  # [numbers]
    scale: Tensor  # [numbers]

    def __init__(self, numbers: int, settings: PairSettings) -> None:
        super().__init__()
        width, rank = settings.width, settings.rank
        self.register_buffer("mean", torch.zeros(numbers))
        self.register_buffer("scale", torch.ones(numbers))
        self.noise = nn.Dropout(settings.noise)
        self.first, self.second = nn.Linear(numbers, width), nn.Linear(width, width)
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.alone, self.along, self.across = nn.Linear(width, 1), nn.Linear(width, rank), nn.Linear(width, rank)
        # Half of what is usual: thousands of counts come in, and the first steps are not to be theirs alone.
        nn.init.normal_(self.first.weight, 0.0, 0.5 * (2.0 / max(numbers, 1)) ** 0.5)
        nn.init.zeros_(self.first.bias)

    def forward(self, numbers: Tensor) -> Tables:
        standard = ((numbers - self.mean) / self.scale).nan_to_num(0.0).clamp(-_FAR, _FAR)
        early = nn.functional.gelu(self.norms[0](self.first(self.noise(standard))))
        vector = self.norms[1](nn.functional.gelu(self.second(early)) + early)
        return Tables(self.alone(vector)[:, 0], self.along(vector), self.across(vector))


class PairNetwork(nn.Module):
    """Both towers and their meeting; outputs are in standardised units, logits for classes."""

    target_mean: Tensor  # [1]
    target_scale: Tensor  # [1]

    def __init__(self, settings: PairSettings, *, ligand: int, partner: int) -> None:
        super().__init__()
        outlive_forks()
        self.ligand, self.partner = Tower(ligand, settings), Tower(partner, settings)
        self.dropout = nn.Dropout(settings.dropout)
        if settings.deep:
            self.layers: nn.Sequential | None = _layers((2 * settings.rank, *settings.deep), settings.dropout)
        else:
            self.layers, self.weights = None, nn.Parameter(torch.zeros(settings.rank))
        heads, width = settings.attention, settings.attention_width
        self.attention = Attention(heads=heads, width=width, dropout=settings.dropout) if heads else None
        self.share = settings.rank**-0.5
        self.register_buffer("target_mean", torch.zeros(1))
        self.register_buffer("target_scale", torch.ones(1))

    def forward(self, ligands: Ligands, partners: Others, i: Tensor, j: Tensor) -> Tensor:  # [pairs, 1]
        """What pairs of entry i of the ligands and j of the partners say."""
        return self.meet(self.ligands(ligands), self.partners(partners), i, j)[:, None]

    def ligands(self, ligands: Ligands) -> Tables:
        """What each molecule is to meet partners with."""
        told = self.ligand(ligands.numbers)
        return told if self.attention is None else told._replace(places=self.attention.atoms(ligands.batch()))

    def partners(self, partners: Others) -> Tables:
        """What each partner is to meet molecules with."""
        told = self.partner(partners.numbers)
        return told if self.attention is None else told._replace(places=self.attention.residues(_there(partners.residues)))

    def meet(self, one: Tables, other: Tables, i: Tensor, j: Tensor) -> Tensor:  # [pairs]
        """The same from their tables."""
        alone = one.alone[i] + other.alone[j]
        if self.attention is not None:
            alone = alone + self.attention(_there(one.places), _there(other.places), i, j)
        met, bent = one.along[i] * other.along[j], torch.relu(one.across[i] + other.across[j])
        if self.layers is not None:
            return alone + self.layers(self.dropout(torch.cat([met, bent], dim=1)))[:, 0]
        return alone + self.dropout(met).sum(dim=1) * self.share + self.dropout(bent) @ self.weights

    def all_pairs(self, one: Tables, other: Tables) -> Tensor:  # [ligands, partners]
        """The same of every ligand with every partner, from their tables."""
        if self.layers is not None or self.attention is not None:
            everyone = torch.arange(len(one.alone), device=one.alone.device)
            return torch.stack([self.meet(one, other, everyone, torch.full_like(everyone, j)) for j in range(len(other.alone))], dim=1)
        halves = self.weights / 2
        said = (one.along * self.share) @ other.along.T
        said += (one.alone + one.across @ halves)[:, None] + (other.alone + other.across @ halves)
        for sign in (1, -1):
            kept = halves * sign > 0
            far = torch.cdist(one.across[:, kept] * halves[kept], -other.across[:, kept] * halves[kept], p=1.0)
            said += sign * far
        return said


def _there(given: Given | None) -> Given:
    if given is None:
        raise MolgenError("attention is between the atoms of graphs and the residues of proteins", fix="set `attention` to 0")
    return given


def _layers(widths: tuple[int, ...], dropout: float) -> nn.Sequential:
    """Hidden layers of these widths, and one number."""
    hidden = [nn.Sequential(nn.Linear(wide, next_), nn.GELU(), nn.Dropout(dropout)) for wide, next_ in pairwise(widths)]
    return nn.Sequential(*hidden, nn.Linear(widths[-1], 1))


def _parts(many: int, at_once: int) -> list[NDArray[np.int64]]:
    return [np.arange(start, min(start + at_once, many)) for start in range(0, many, at_once)]


@dataclass(frozen=True, eq=False)
class Pairs(Samples):
    """A row is a pair, of an entry of each table."""

    ligands: Ligands
    partners: Others
    ligand_of_row: NDArray[np.int64]
    partner_of_row: NDArray[np.int64]
    plain: int  # the first numbers of a ligand that are told as they are, counts of fragments
    names: tuple[int, int] = (0, 0)  # the last numbers of a ligand, and of a partner, that say which of the known it is

    def __len__(self) -> int:
        return len(self.ligand_of_row)

    def network(self, settings: PairSettings, tasks: int) -> PairNetwork:
        if tasks != 1:
            raise MolgenError(f"{tasks} columns to learn of pairs, want one", fix="train a model a column")
        return PairNetwork(settings, ligand=self.ligands.numbers.shape[1], partner=self.partners.numbers.shape[1])

    def inputs(self, rows: NDArray[np.int64], device: torch.device) -> tuple[Any, ...]:
        ligands, i = np.unique(self.ligand_of_row[rows], return_inverse=True)
        partners, j = np.unique(self.partner_of_row[rows], return_inverse=True)
        sides = (self.ligands.take(ligands, device), self.partners.take(partners, device))
        return *sides, torch.from_numpy(i).to(device), torch.from_numpy(j).to(device)

    def scales(self, training: NDArray[np.int64]) -> dict[str, Tensor]:
        learned = self.ligands.numbers[np.unique(self.ligand_of_row[training])].double().numpy()
        others = self.partners.numbers[np.unique(self.partner_of_row[training])].double().numpy()
        ligands, partners = named_scales("ligand", learned), named_scales("partner", others)
        ligands["ligand_mean"][: self.plain], ligands["ligand_scale"][: self.plain] = 0.0, 1.0
        for scale, seen, names in ((ligands["ligand_scale"], learned, self.names[0]), (partners["partner_scale"], others, self.names[1])):
            # A name that was not among those learned, as of a molecule held out, would speak by weights nobody has taught.
            scale[len(scale) - names :][torch.from_numpy(~seen[:, seen.shape[1] - names :].any(axis=0))] = _UNHEARD
        return {name.replace("_", "."): value for name, value in (ligands | partners).items()}

    def arrays(self) -> list[NDArray[Any] | None]:
        graphs = () if self.ligands.graphs is None else vars(self.ligands.graphs).values()
        residues = None if self.partners.residues is None else self.partners.residues.numpy()
        tables = [self.ligands.numbers.numpy(), self.partners.numbers.numpy(), residues]
        return [*tables, *graphs, self.ligand_of_row, self.partner_of_row]


@dataclass(frozen=True, eq=False)
class FittedPairs:
    """Weights of such a network and what they belong to; on the CPU, never trained further."""

    network: PairNetwork
    settings: PairSettings
    kind: Kind
    history: tuple[Epoch, ...] = ()

    def matrix(self, ligands: Ligands, partners: Others) -> NDArray[np.float32]:
        """[ligands, partners], values in the units of the training targets, chances for classes; each encoded once."""
        many, at_once = len(ligands.numbers), self._rows_at_once(_LIGANDS_AT_ONCE)
        out = np.empty((many, len(partners.numbers)), dtype=np.float32)
        with torch.inference_mode():
            others = [self.network.partners(partners.take(part)) for part in _parts(len(partners.numbers), _PARTNERS_AT_ONCE)]
            for part in _parts(many, at_once):
                one = self.network.ligands(ligands.take(part))
                said = [self.network.all_pairs(one, other) for other in others]
                if said:
                    out[part] = self._told(torch.cat(said, dim=1)).numpy()
        return out

    def rows(self, samples: Pairs) -> NDArray[np.float32]:
        """[rows], the same of these pairs alone."""
        with torch.inference_mode():
            one, other = self.network.ligands(samples.ligands), self.network.partners(samples.partners)
            at_once = self._rows_at_once(_ROWS_AT_ONCE)
            each = (torch.from_numpy(rows).split(at_once) for rows in (samples.ligand_of_row, samples.partner_of_row))
            told: NDArray[np.float32] = self._told(torch.cat([self.network.meet(one, other, i, j) for i, j in zip(*each)])).numpy()
        return told

    def attended(self, samples: Pairs) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """A row each, how far each atom is attended to, and each window of residues; each of them 1 in all, heads together."""
        attention, told = _there(self.network.attention), []
        with torch.inference_mode():
            one, other = (_there(side.places) for side in (self.network.ligands(samples.ligands), self.network.partners(samples.partners)))
            for pair in zip(samples.ligand_of_row.tolist(), samples.partner_of_row.tolist()):
                i, j = (torch.tensor([entry]) for entry in pair)
                both = attention.attended(one, other, i, j)[0].mean(dim=0)  # [atoms, windows]
                told.append((both.sum(dim=1)[one.there[i[0]]].numpy(), both.sum(dim=0)[other.there[j[0]]].numpy()))
        return told

    def _rows_at_once(self, usual: int) -> int:
        return usual if self.network.attention is None else _ROWS_ATTENDED

    def _told(self, raw: Tensor) -> Tensor:
        values = raw * self.network.target_scale + self.network.target_mean
        return values.sigmoid() if self.kind == "classification" else values

    @property
    def widths(self) -> tuple[int, int]:
        """Numbers it takes of a molecule and of a partner."""
        return len(self.network.ligand.mean), len(self.network.partner.mean)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Every weight and scale by name, for safetensors."""
        return {name: tensor.detach().numpy() for name, tensor in self.network.state_dict().items()}

    def to_dict(self) -> dict[str, Any]:
        """What `restore` needs beside the tensors, in JSON's own types."""
        return {"settings": self.settings.model_dump(mode="json"), "kind": self.kind}

    def lighter(self) -> FittedPairs:
        """The same with 12 significant bits a weight."""
        return self.restore({name: rounded(tensor) for name, tensor in self.tensors().items()}, self.to_dict())

    @classmethod
    def restore(cls, tensors: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> FittedPairs:
        """The network of `tensors()` and `to_dict()`."""
        settings = PairSettings.of(dict(facts["settings"]), where="saved network")
        kind: Kind = "classification" if facts["kind"] == "classification" else "regression"
        state = {name: torch.from_numpy(np.array(tensor)) for name, tensor in tensors.items()}
        with torch.random.fork_rng(devices=[]):
            network = PairNetwork(settings, ligand=len(state["ligand.mean"]), partner=len(state["partner.mean"]))
        check_fit(network, state)
        network.load_state_dict(state)
        return cls(network.eval(), settings, kind)


def fit_pairs(
    settings: PairSettings,
    samples: Pairs,
    targets: NDArray[Any],  # [pairs]; NaN is missing
    *,
    kind: Kind,
    relations: NDArray[Any] | None = None,  # [pairs]; 1 truly above the target, -1 below, 0 equal
    seed: int,
    device: str = "auto",
) -> FittedPairs:
    """A network trained on all pairs that have a target."""
    bounds = None if relations is None else relations[:, None]
    tensors, history = fit(settings, samples, targets[:, None], kinds=(kind,), relations=bounds, seed=seed, device=device)
    fitted = FittedPairs.restore(tensors, {"settings": settings.model_dump(mode="json"), "kind": kind})
    return FittedPairs(fitted.network, settings, kind, tuple(history))
