"""Where a training stood after an epoch: one safetensors file with a line of JSON in its header, nothing pickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from molgen.base.errors import MolgenError
from molgen.base.files import whole_file


def write_checkpoint(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Tensors and facts as one file that is whole or absent."""
    with whole_file(path) as draft:
        flat = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
        save_file(flat, draft, metadata={"facts": json.dumps(dict(facts))})


def read_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """What `write_checkpoint` wrote."""
    try:
        with safe_open(path, framework="pt") as opened:
            names = opened.keys()  # not a mapping: it has no iterator of its own
            tensors = {name: opened.get_tensor(name) for name in names}
            return tensors, json.loads((opened.metadata() or {})["facts"])
    except (SafetensorError, KeyError, json.JSONDecodeError) as error:
        raise MolgenError(f"not a checkpoint: {error}", where=str(path), fix="remove it to train from the start") from None


def prefixed(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors under names that begin with `prefix`."""
    return {f"{prefix}.{name}": tensor for name, tensor in tensors.items()}


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors that `prefixed` put there, by their own names."""
    return {name.removeprefix(f"{prefix}."): tensor for name, tensor in tensors.items() if name.startswith(f"{prefix}.")}


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """What an optimizer remembers of each weight, named by the weight's place in it."""
    state = optimizer.state_dict()["state"]
    return {f"{place}.{name}": torch.as_tensor(value) for place, memory in state.items() for name, value in memory.items()}


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Puts back what `optimizer_tensors` took out."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        place, _, name = key.partition(".")
        state.setdefault(int(place), {})[name] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def cpu_copy(network: nn.Module) -> dict[str, Tensor]:
    """The weights and buffers as they are now, safe from later steps."""
    return {name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()}
