"""molgen doctor: is everything there, is it the right version, what hardware does it see?"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from molgen.base.config import Config
from molgen.base.errors import MolgenError
from molgen.base.files import sha256
from molgen.base.parallel import usable_cores
from molgen.base.provenance import versions
from molgen.cli.console import Console
from molgen.cli.options import command as make_command

_NEEDED = ("rdkit.Chem", "torch", "torch_geometric", "lightning_fabric", "lightgbm", "sklearn", "safetensors", "pyarrow", "jinja2")


class DoctorConfig(Config):
    """Nothing to choose."""


def run(config: DoctorConfig, console: Console) -> dict[str, Any]:
    """Versions, devices, data; a missing piece makes the command exit 2."""
    checks = {name: _importable(name) for name in _NEEDED}
    checks |= _data()
    said = {
        **{f"version of {name}": version for name, version in versions().items()},
        "cores": usable_cores(),
        "device": _device(),
        **checks,
    }
    broken = [name for name, state in checks.items() if state != "ok"]
    if broken:
        console.result(said)
        raise MolgenError(f"{len(broken)} things are broken: {', '.join(broken)}", fix="install molgen again")
    return said


def _importable(name: str) -> str:
    try:
        import_module(name)
    except ImportError as error:
        return f"broken: {error}"
    return "ok"


def _data() -> dict[str, str]:
    from molgen.data.catalogue import entries

    return {f"dataset {name}": "ok" if sha256(entry.path) == entry.sha256 else "broken: other bytes" for name, entry in entries().items()}


def _device() -> str:
    from molgen.nn.fitted import best_device

    return str(best_device("auto"))


command = make_command(DoctorConfig, run)
