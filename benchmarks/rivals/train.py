"""CPU seconds of an epoch of Chemprop's default network, as its command line trains it: graphs cached, batches of 64.

    PYTHONPATH=benchmarks python benchmarks/rivals/train.py --smiles FILE --molecules 4000 --epochs 4 --out FILE.json

Runs in an environment of its own that has chemprop and nothing of molgen. The first epoch, which warms up, does not count;
nor does making the graphs, nor judging on a validation set. The target is the number of characters of the SMILES.
"""

from __future__ import annotations

import logging
import statistics
import time
from pathlib import Path

import lightning.pytorch as lightning
import measure
import numpy as np
from chemprop import data
from predict import default_network

PACKAGES = ("chemprop", "torch", "rdkit", "lightning", "numpy")


class Stopwatch(lightning.Callback):
    """CPU seconds of each epoch."""

    def __init__(self) -> None:
        self.epochs: list[float] = []

    def on_train_epoch_start(self, *_: object) -> None:
        self._start = time.process_time()

    def on_train_epoch_end(self, *_: object) -> None:
        self.epochs.append(time.process_time() - self._start)


def main() -> None:
    options = measure.command_line(__doc__)
    options.add_argument("--smiles", type=Path, required=True)
    options.add_argument("--molecules", type=int, default=4000)
    options.add_argument("--epochs", type=int, default=4)
    asked = options.parse_args()
    measure.quiet()
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    texts = measure.readable(asked.smiles, asked.molecules)
    known = data.MoleculeDataset([data.MoleculeDatapoint.from_smi(text, np.array([float(len(text))])) for text in texts])
    known.normalize_targets()
    making = measure.Clock()
    with making:
        known.cache = True
    watch = Stopwatch()
    trainer = lightning.Trainer(
        accelerator="cpu", devices=1, max_epochs=asked.epochs, logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, callbacks=[watch],
    )  # fmt: skip
    trainer.fit(default_network().train(), data.build_dataloader(known, batch_size=64, shuffle=True, seed=0))
    found = {"epoch_cpu_s": statistics.median(watch.epochs[1:]), "featurize_cpu_s": making.cpu}
    measure.write(asked.out, molecules=len(texts), packages=PACKAGES, metrics=found)


if __name__ == "__main__":
    main()
