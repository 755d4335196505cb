"""The two ways a request goes wrong: it asks for something wrong, or for something not installed."""

from __future__ import annotations


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
