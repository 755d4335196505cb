"""The two ways a request goes wrong: it asks for something wrong, or for something not installed."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_MOST = 5  # names that may have been meant; of more none stands out
_LISTED = 60  # names of all there are

class MolgenError(Exception):
    """A request that can't be carried out, in the words of whoever made it.

    `what` says the value seen and the value wanted, `where` the file, option or column it came
    from, `fix` what to do next. A bad molecule is never one of these: it is a row with a reason.

    >>> print(MolgenError("fractions sum to 1.1, want 1.0", where="train.toml, [split]"))
    fractions sum to 1.1, want 1.0 (train.toml, [split])
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.fix = what, where, fix

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        advice = f"\n  {self.fix}" if self.fix else ""
        return f"{self.what}{place}{advice}"


class MissingExtra(MolgenError):  # noqa: N818 - named for what the reader has to do
    """A guest package that is not installed; names the extra that brings it, if one does."""

    def __init__(self, package: str, extra: str = "") -> None:
        super().__init__(f"{package} is not installed", fix=f"pip install 'molgen[{extra}]'" if extra else f"pip install {package}")
        self.package, self.extra = package, extra

    def __reduce__(self) -> tuple[type[MissingExtra], tuple[str, str]]:
        # An error that can't be unpickled breaks the whole pool of workers it comes from.
        return MissingExtra, (self.package, self.extra)


def meant(name: str, there: Iterable[str]) -> str:
    """What to do about a name that isn't there: those it is a part of, or that it is a slip of; else all there are.

    >>> meant("herg", ["herg_probability", "ames_probability"]), meant("lead", ["best", "fast"])
    ("did you mean 'herg_probability'?", 'there are: best, fast')
    """
    names = list(there)
    wanted = name.strip().casefold()
    holding = [known for known in names if wanted and wanted in known.casefold()]
    likely = holding if 0 < len(holding) <= _MOST else get_close_matches(name, names, n=1)
    if likely:
        return f"did you mean {' or '.join(map(repr, likely))}?"
    more = f" ... {len(names)} in all" if len(names) > _LISTED else ""
    return f"there are: {', '.join(names[:_LISTED])}{more}"
