"""A small language model, taught in seconds on lead-like molecules that ship: bad at writing, good enough for contracts."""

from functools import cache

import numpy as np
import torch

from molgen.data.catalogue import load_rows
from molgen.nn.language import Language
from molgen.nn.pupil import Lesson, Pupil
from molgen.nn.tokens import Tokens, units
from molgen.nn.writer import Writer

_RUNS = ("CC", "C(=O)N", "C(=O)", "c1ccc", "ccc", "cc1", "c1ccccc1", "N1CC", "S(=O)(=O)", "C(F)(F)F", "CO", "nn", "c2", "c1", "(C", "(C)")


@cache
def taught() -> Language:
    rows = load_rows("moses_sample").raw[:1_000]
    pieces = sorted({unit for smiles in rows for unit in units(smiles)})
    with torch.random.fork_rng():
        torch.manual_seed(0)
        tokens = Tokens([*pieces, *_RUNS])
        begun = Language(Writer(len(tokens), width=96, letter_width=32), tokens)
    pupil, rng = Pupil(begun, learning_rate=4e-3), np.random.default_rng(0)
    for _ in range(6):
        pupil.imitate([Lesson(smiles, style) for smiles in rows for style in ("drug", "any")], rng=rng)
    return Language(pupil.language.writer.eval().requires_grad_(False), tokens)
