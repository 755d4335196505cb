"""A language model of molecules: its network and its tokens, from one file, with what users ask of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.chem.parse import parse
from molgen.nn.checkpoint import read_checkpoint, write_checkpoint
from molgen.nn.place import ELECTRON_CODES
from molgen.nn.tokens import Tokens
from molgen.nn.writer import Rows, Writer, padded
from molgen.nn.writing import Written, write

FOLDER = Path(__file__).parent / "weights" / "language"
_READ_AT_ONCE = 512
_COLDEST = 1e-3  # below, the likeliest token is the only one, and the next to nothing is divided by
_ROUNDS = 20  # of writing, for as many molecules as were asked for


@dataclass(frozen=True, eq=False)
class Language:
    """How molecules are written, as learned from many: a recurrent network over tokens of SMILES."""

    writer: Writer
    tokens: Tokens

    def nll(self, smiles: Sequence[str], *, style: str = "drug") -> NDArray[np.float64]:
        """How unlikely each SMILES is as it stands, in nats (negative logarithm of its chance), lower is more usual."""
        rows = [self.tokens.encode(text, style) for text in smiles]
        # The same molecules side by side, whatever their order: the last digits hang on that.
        order = sorted(range(len(rows)), key=lambda i: (len(rows[i]), rows[i]))
        found = np.empty(len(rows))
        with torch.no_grad():
            for start in range(0, len(rows), _READ_AT_ONCE):
                chosen = order[start : start + _READ_AT_ONCE]
                batch = self.rows([rows[i] for i in chosen])
                found[chosen] = self.writer(batch).cpu().numpy()
        return found

    def rows(self, tokens: Sequence[Sequence[int]]) -> Rows:
        """Rows of tokens as the network reads them, where it is."""
        return padded(tokens, [self.tokens.places(row) for row in tokens]).to(self.writer.out.weight.device)

    def write(self, n: int, *, style: str = "drug", begin: str = "", seed: int, temperature: float = 1.0) -> list[Written]:
        """So many texts of the style, each with this beginning; not all of them are molecules."""
        return self.go_on([(begin, style)] * n, seed=seed, temperature=temperature)

    def molecules(self, n: int, *, style: str = "drug", begin: str = "", seed: int, temperature: float = 1.0) -> list[str]:
        """So many texts that can be read as molecules, as they were written; MolgenError where hardly any can."""
        found: list[str] = []
        later = np.random.default_rng(seed)
        for _ in range(_ROUNDS):
            written = self.write(n - len(found), style=style, begin=begin, seed=seed, temperature=temperature)
            found += [one.text for one in written if one.ended and parse(one.text).mol is not None]
            if len(found) == n:
                return found
            seed = int(later.integers(2**31))  # not the next one, which somebody will ask for
        raise MolgenError(f"of {_ROUNDS} rounds of texts only {len(found)} are molecules, {n} were asked for", where=begin or style)

    def go_on(self, begun: Sequence[tuple[str, str]], *, seed: int, temperature: float = 1.0) -> list[Written]:
        """A text for each beginning, in its style; the lower the temperature, the more usual."""
        check_temperature(temperature)
        prompts = [self.tokens.encode(begin, style) for begin, style in begun]
        return write(self.writer, self.tokens, prompts, seed=seed, temperature=temperature)

    @cached_property
    def digest(self) -> str:
        """A short name for all that it has learned."""
        weights = (tensor.cpu().numpy().tobytes() for tensor in self.writer.state_dict().values())
        return hashlib.sha256(b"".join(["\n".join(self.tokens.pieces).encode(), *weights])).hexdigest()[:16]

    def save(self, path: Path) -> None:
        """As one file, numbers of half precision."""
        weights = {name: tensor.half() for name, tensor in self.writer.state_dict().items()}
        write_checkpoint(path, weights, {"pieces": self.tokens.pieces})


def check_temperature(temperature: float) -> None:
    """Nothing when texts can be written so, else a MolgenError."""
    if not temperature >= _COLDEST:
        raise MolgenError(f"temperature is {temperature}, want at least {_COLDEST}")


def language(model: str | Path = "molecules") -> Language:
    """The model of that name that came with molgen, or in that file; each process reads it once, and again once it has changed.

    Whoever changes it changes a copy of it.
    """
    file = FOLDER / f"{model}.safetensors" if (FOLDER / f"{model}.safetensors").is_file() else Path(model)
    if not file.is_file():
        raise MolgenError("no language model here", where=str(model), fix="'molecules' comes with molgen; else give a model's file")
    state = file.stat()
    return _read(file.resolve(), (state.st_mtime_ns, state.st_size, state.st_ino))


@lru_cache(maxsize=8)
def _read(file: Path, state: tuple[int, ...]) -> Language:
    """The model of a file in that state."""
    weights, facts = read_checkpoint(file)
    if "pieces" not in facts:
        raise MolgenError("holds no language model", where=str(file))
    tokens = Tokens(facts["pieces"])
    letters, states = weights["letter.weight"], weights["units.weight_hh_l0"]
    if len(letters) != len(tokens):
        raise MolgenError(f"{len(letters)} tokens in the network, {len(tokens)} in its list", where=str(file))
    layers = sum(name.startswith("units.weight_hh_l") for name in weights)
    writer = Writer(len(tokens), width=states.shape[1], letter_width=letters.shape[1], layers=layers)
    weights.setdefault("electrons.weight", letters.new_zeros(ELECTRON_CODES, letters.shape[1]))  # a model from before they were told
    writer.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    return Language(writer.eval().requires_grad_(False), tokens)
