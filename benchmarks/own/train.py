"""CPU seconds of an epoch of molgen's default network, as benchmarks/rivals/train.py has Chemprop's.

    PYTHONPATH=benchmarks python benchmarks/own/train.py --smiles FILE --molecules 4000 --epochs 4 --out FILE.json

The first epoch, which warms up, does not count; nor does making the graphs and the numbers beside them. The target is the
number of characters of the SMILES.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import measure
import numpy as np
from predict import PACKAGES, as_written

from molgen.models.network import NetworkEnsemble
from molgen.nn.fit import fit_network


def main() -> None:
    options = measure.command_line(__doc__)
    options.add_argument("--smiles", type=Path, required=True)
    options.add_argument("--molecules", type=int, default=4000)
    options.add_argument("--epochs", type=int, default=4)
    asked = options.parse_args()
    measure.quiet()
    texts = measure.readable(asked.smiles, asked.molecules)
    recipe = NetworkEnsemble()
    making, ends = measure.Clock(), []
    with making:
        graphs, extra = recipe.features(as_written(texts))
    fit_network(
        recipe.network.model_copy(update={"epochs": asked.epochs}),
        graphs,
        extra,
        np.array([[float(len(text))] for text in texts]),
        kinds=("regression",),
        seed=0,
        device="cpu",
        progress=lambda *_: ends.append(time.process_time()),
    )
    epochs = np.diff(ends).tolist()
    if len(epochs) != asked.epochs - 1:
        raise SystemExit(f"{asked.epochs} epochs asked for, {len(epochs) + 1} seen")
    found = {"epoch_cpu_s": statistics.median(epochs), "featurize_cpu_s": making.cpu}
    measure.write(asked.out, molecules=len(texts), packages=PACKAGES, metrics=found)


if __name__ == "__main__":
    main()
