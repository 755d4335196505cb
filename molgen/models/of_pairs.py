"""What every model of pairs has: a view of partners, which says of what kind they are and which it has learned from."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from molgen.data.library import Library
from molgen.data.partners import Partner, PartnerKind, Partners
from molgen.features.partner import View
from molgen.models.base import Model
from molgen.models.grid import places


class OfPairs(Model):
    """A model of one task that answers for a molecule and a partner."""

    @abstractmethod
    def partner_view(self) -> View:
        """The partners learned from, and how others are seen beside them."""

    @property
    def pairs(self) -> PartnerKind:
        return self.partner_view().kind

    @property
    def known_partners(self) -> Partner:
        return self.partner_view().known

    def alike(self, partners: Partners) -> NDArray[np.float64]:
        return self.partner_view().closeness(partners)

    def partner_places(self, partners: Partners) -> NDArray[np.int64]:
        """[each partner], which of the known ones each is, -1 for none."""
        return partner_places(partners, self.known_partners)

    def example(self) -> Library:
        # One known partner, not the table of them all: each would be aligned with every other to load a model.
        return Library.of(["CCO"]).paired_with(self.partner_view().known.take([0]), [0])

    def only(self, tasks: Sequence[int]) -> Self:
        return self  # there is one

    def partners_known(self) -> dict[str, int]:
        """How many, under what they are called."""
        return {"cell lines" if self.partner_view().kind == "context" else "proteins": len(self.partner_view().known)}


def partner_places(partners: Partners, known: Partner) -> NDArray[np.int64]:
    """[each partner], which of the known ones each is, -1 for none."""
    each = partners.each
    # One sequence may have been measured in several states: a name that is known says in which.
    named = places(list(zip(each.names, each.keys)), list(zip(known.names, known.keys)))
    return np.where(named >= 0, named, places(each.keys, known.keys))
