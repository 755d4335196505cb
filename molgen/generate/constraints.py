"""What every proposal obeys, without exception: substructures it has, a frame it leaves alone, substructures it has not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from rdkit import Chem

from molgen.base.errors import MolgenError, meant
from molgen.chem.alerts import alert_names
from molgen.generate.base import Alerts
from molgen.generate.frame import FRAMES, Frame, Held, Kind
from molgen.generate.keep import ANYTHING, Keep


class Judged(NamedTuple):
    """What constraints say of a molecule."""

    broken: str  # in words, "" when it obeys all
    framed: frozenset[int] = frozenset()  # the frame's atoms in it


@dataclass(frozen=True)
class Constraints:
    """Hard limits to generation; a molecule that breaks one is never proposed.

    >>> Constraints.of(keep="c1ccccc1", avoid=["C#N"]).broken(Chem.MolFromSmiles("N#Cc1ccccc1"))
    'has what is to be avoided: C#N'
    """

    keep: Keep = ANYTHING
    frame: Frame | None = None
    avoid: tuple[Keep, ...] = ()
    allow: tuple[str, ...] = ()  # alerts by name, as written

    @classmethod
    def of(
        cls,
        *,
        keep: str | None = None,
        decorate: str | None = None,
        link: str | None = None,
        edit: str | None = None,
        avoid: str | Sequence[str] = (),
        allow: str | Sequence[str] = (),
    ) -> Constraints:
        """From what people write, "" or None for nothing.

        `keep` is a substructure (SMILES or SMARTS) that may grow anywhere. `decorate`, `link` and `edit` name a frame,
        one of them: see `Frame`. `avoid` are substructures that no proposal has, or one: the core to hop away from say.
        `allow` are alerts that proposals may have, by name, or one; "all" stands for all.
        """
        asked: dict[Kind, str | None] = {"decorate": decorate, "link": link, "edit": edit}
        avoid = [avoid] if isinstance(avoid, str) else list(avoid)
        for name, text in [("keep", keep or ""), *((kind, text or "") for kind, text in asked.items()), *(("avoid", one) for one in avoid)]:
            if not isinstance(text, str):
                raise MolgenError(f"{name} is {text!r}, want SMILES or SMARTS as text", where=name)
        frames = {kind: text.strip() for kind, text in asked.items() if text and text.strip()}
        if len(frames) > 1:
            raise MolgenError(f"{' and '.join(frames)} each say what stays as it is", fix="give one of decorate, link and edit")
        frame = next((FRAMES[kind](text) for kind, text in frames.items()), None)
        allow = tuple(name for name in ([allow] if isinstance(allow, str) else allow) if not isinstance(name, str) or name.strip())
        found = cls(Keep.of(keep), frame, tuple(Keep.of(text, name="avoid") for text in avoid if text.strip()), allow)
        _allowed(found.allow)  # an unknown name is refused here
        if never := next((one.text for one in found.avoid if one.seed and found._always(one)), ""):
            fix = "every proposal would have it: leave one of the two out"
            raise MolgenError(f"{never!r} is part of what stays", where="avoid", fix=fix)
        return found

    def __bool__(self) -> bool:
        return self.begin or bool(self.avoid)

    @property
    def begin(self) -> bool:
        """Whether a search may begin from them alone, without seeds."""
        return bool(self.keep) or self.frame is not None

    @property
    def config(self) -> dict[str, Any]:
        """As they were written, those there are."""
        written: dict[str, Any] = {"keep": self.keep.text, "avoid": [one.text for one in self.avoid], "allow": list(self.allow)}
        if self.frame is not None:
            written[self.frame.kind] = self.frame.text
        return {name: what for name, what in written.items() if what}

    @property
    def lead(self) -> str:
        """The molecule whose edits are asked for, which is no news; "" when there is none."""
        return self.frame.lead if self.frame is not None else ""

    @property
    def ring(self) -> bool:
        """Whether a large ring is asked for."""
        return self.frame is not None and self.frame.ring

    def broken(self, mol: Chem.Mol) -> str:
        """The first constraint that the molecule breaks, in words; "" when it obeys all."""
        return self.judged(mol).broken

    def judged(self, mol: Chem.Mol) -> Judged:
        """The same, and the frame's atoms in a molecule that has it."""
        if not self.keep.holds(mol):
            return Judged("kept substructure lost")
        framed = self.frame.held(mol) if self.frame is not None else None
        if self.frame is not None and framed is None:
            return Judged(f"changed where it may not be: {self.frame.kind} {self.frame.text}")
        avoided = next((one.text for one in self.avoid if one.holds(mol)), "")
        return Judged(f"has what is to be avoided: {avoided}" if avoided else "", framed.kept if framed is not None else frozenset())

    def held(self, mol: Chem.Mol) -> Held:
        """The atoms that edits leave alone; of a molecule without them, none."""
        kept = self.keep.atoms(mol)
        framed = self.frame.held(mol) if self.frame is not None else None
        return Held(kept | framed.kept, framed.closed) if framed is not None else Held(kept)

    def starting_points(self, seeds: Sequence[str]) -> list[str]:
        """Molecules to breed from: seeds that have what stays, the frame's own; else what is to be kept itself.

        A seed may have what is to be avoided: its children need not.
        """
        own = self.frame.starts if self.frame is not None else ()
        having = [smiles for smiles in dict.fromkeys([*own, *seeds]) if self._stays(Chem.MolFromSmiles(smiles))]
        if having:
            return having
        if self.frame is None and self.keep.seed:
            return [self.keep.seed]
        wanted = f"{self.frame.text!r} with {self.keep.text!r}" if self.frame is not None else repr(self.keep.text)
        raise MolgenError(
            f"none of the {len(seeds)} seeds has the substructure to keep, and {wanted} is not a molecule to start from",
            where="keep",
            fix="add a seed that has it, or write the substructure as one molecule in SMILES",
        )

    def excused(self, alerts: Alerts, seeds: Sequence[str] = ()) -> frozenset[str]:
        """Alerts that are allowed, or that the user's own structures bring: what is to stay, or every one of the seeds."""
        own = [self.keep.seed] if self.frame is None else self.frame.starts[:1]
        brought = frozenset(name for smiles in own if smiles for name in alerts(Chem.MolFromSmiles(smiles)))
        return _allowed(self.allow) | brought | _shared(alerts, seeds)

    def _always(self, part: Keep) -> bool:
        """Whether that part is among the atoms that stay, whatever hangs on them."""
        smiles = self.keep.seed if self.frame is None else self.frame.starts[0]
        mol = Chem.MolFromSmiles(smiles)
        if not smiles or mol.HasSubstructMatch(_sulfoxide()):  # which is looked for in sulfones too
            return False
        kept, closed = self.held(mol)
        return bool(kept) and all(part.within(one, kept) for one in (mol, _crowded(mol, kept - closed)))

    def _stays(self, mol: Chem.Mol) -> bool:
        return self.keep.holds(mol) and (self.frame is None or self.frame.held(mol) is not None)


@cache
def _sulfoxide() -> Chem.Mol:
    return Chem.MolFromSmarts("[#16X3]~[#8X1]")


def _crowded(mol: Chem.Mol, atoms: Iterable[int]) -> Chem.Mol:
    """The molecule with a carbon in place of each hydrogen of these atoms."""
    full = Chem.RWMol(mol)
    for i in atoms:
        for _ in range(mol.GetAtomWithIdx(i).GetTotalNumHs()):
            full.AddBond(i, full.AddAtom(Chem.Atom(6)), Chem.BondType.SINGLE)
        full.GetAtomWithIdx(i).SetNumExplicitHs(0)
    Chem.SanitizeMol(full)
    return full.GetMol()


def _allowed(given: Sequence[str]) -> frozenset[str]:
    """Alerts as they are called, from names in whatever letters, their catalogue left out or not."""
    names, found = alert_names() if given else frozenset(), set[str]()
    for text in given:
        wanted = text.strip().casefold() if isinstance(text, str) else ""
        meant_ones = {name for name in names if wanted in ("all", name.casefold(), name.partition(": ")[2].casefold())}
        if not meant_ones:
            raise MolgenError(f"no structural alert is called {text!r}", where="allow", fix=meant(str(text), sorted(names)))
        found |= meant_ones
    return frozenset(found)


def _shared(alerts: Alerts, seeds: Sequence[str]) -> frozenset[str]:
    """Alerts that all seeds have; most often the second has none of the first's, and no further one is looked at."""
    shared: frozenset[str] | None = None
    for smiles in seeds:
        found = frozenset(alerts(Chem.MolFromSmiles(smiles)))
        shared = found if shared is None else shared & found
        if not shared:
            break
    return shared or frozenset()


NONE = Constraints()
