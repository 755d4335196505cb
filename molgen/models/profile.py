"""What networks that know many endpoints say of a molecule: columns to learn yet another endpoint from.

Predictions as descriptors: QSAR-derived affinity fingerprints, Škuta et al., J. Cheminform. 12 (2020) 39.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.features.bits import ecfp4
from molgen.features.graph import Graphs
from molgen.models.files import MANIFEST, check, read_arrays, write_arrays
from molgen.models.predictor import Predictor
from molgen.models.shipped import ours

if TYPE_CHECKING:  # torch, which trees and kernels without a profile do without
    from molgen.models.network import NetworkModel

_KNOWN = "known.safetensors"


@dataclass(frozen=True, eq=False)
class Profile:
    """The networks of some folds. A molecule that they learned from is told by those that had not seen it.

    They know it by its fingerprint: of several with one fingerprint in different folds, the first is taken for all.

    Else what is learned from the columns would trust them more on known molecules than it should on new ones.
    """

    networks: NetworkModel  # as many a fold, in the folds' order
    marks: NDArray[np.uint64]  # [known molecules], rising: digests of their fingerprints
    fold: NDArray[np.int64]  # [known molecules]

    @classmethod
    def of(cls, predictor: Predictor) -> Profile:
        """The profile of a fitted predictor; a MolgenError unless it is networks that were kept fold by fold."""
        from molgen.models.network import NetworkModel

        model, known = predictor.model, predictor.domain.known
        folds = int(known.fold.max(initial=-1)) + 1
        if not isinstance(model, NetworkModel) or folds < 2 or len(model.networks) % folds or (known.fold < 0).any():
            raise MolgenError("these are not the networks of several folds", fix="take a model of the preset `panel-fast` or `ensemble`")
        marks, first = np.unique(_marks(known.packed), return_index=True)
        return cls(model, marks, known.fold[first].astype(np.int64))

    @property
    def width(self) -> int:
        return len(self.networks.noise)

    def columns(self, library: Library) -> NDArray[np.float32]:
        """[library.molecules, endpoints], worked out once a library."""
        return library.molecules.once(("profile", self._key), self._columns)

    def _columns(self, distinct: Library) -> NDArray[np.float32]:
        from molgen.nn.fitted import predict_all

        networks = self.networks.networks
        said = predict_all(networks, Graphs.of(distinct), self.networks.beside.of(distinct))  # [networks, molecules, endpoints]
        told = said.mean(axis=0)
        if len(told):
            asked = _marks(ecfp4(distinct))
            place = np.minimum(np.searchsorted(self.marks, asked), len(self.marks) - 1)
            known = np.flatnonzero(self.marks[place] == asked)
            of_fold = said.reshape(self._folds, -1, *told.shape).mean(axis=1)
            told[known] = of_fold[self.fold[place[known]], known]
        return told.astype(np.float32)

    @property
    def _folds(self) -> int:
        return int(self.fold.max()) + 1

    @cached_property
    def _key(self) -> str:
        digest = blake2b(self.marks.tobytes() + self.fold.tobytes(), digest_size=16)
        for network in self.networks.networks:
            for name, tensor in sorted(network.tensors().items()):
                digest.update(name.encode() + tensor.tobytes())
        return digest.hexdigest()

    def write(self, folder: Path) -> None:
        """Everything it takes to say the same again, so that a model which leans on it needs no other."""
        folder.mkdir()
        self.networks.write(folder)
        write_arrays(folder / _KNOWN, {"marks": self.marks, "fold": self.fold.astype(np.int8)})

    @classmethod
    def read(cls, folder: Path) -> Self:
        from molgen.models.network import NetworkModel

        networks = NetworkModel.read(folder)
        arrays = read_arrays(folder / _KNOWN, {"marks": ("u", 1), "fold": ("i", 1)})
        marks, fold = arrays["marks"].astype(np.uint64), arrays["fold"].astype(np.int64)
        check(len(marks) > 0 and bool((marks[1:] > marks[:-1]).all()), folder / _KNOWN, "molecules out of order")
        check(fold.shape == marks.shape and fold.min() >= 0, folder / _KNOWN, "folds of other molecules")
        check(len(networks.networks) % (int(fold.max()) + 1) == 0, folder / _KNOWN, "folds of other networks")
        return cls(networks, marks, fold)


def profile_named(name: str | None) -> Profile | None:
    """The profile of a model in a folder, packed, or ours by name; None for none."""
    if name is None:
        return None
    place = ours(name, Path(name)) or Path(name)
    file = place / MANIFEST if place.is_dir() else place
    return _named(name, file.stat().st_mtime_ns if file.is_file() else 0)


@lru_cache(maxsize=2)  # a recipe asks for each fold again
def _named(name: str, written: int) -> Profile:
    """`written` says when, so that a model that was trained again meanwhile is read again."""
    return Profile.of(Predictor.load(name))


def _marks(packed: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """[molecules], eight bytes that tell their fingerprints apart."""
    digests = b"".join(blake2b(row.tobytes(), digest_size=8).digest() for row in packed)
    return np.frombuffer(digests, dtype=np.uint64)
