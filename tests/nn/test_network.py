"""The network's head and scales: numbers beside the graph are standardised inside, gaps are the mean."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from molgen.base.errors import MolgenError
from molgen.nn.batch import featurize
from molgen.nn.network import Network, NetworkSettings

SMALL = NetworkSettings(width=8, head_width=8)


def test_a_missing_number_counts_as_the_mean() -> None:
    network = Network(SMALL, tasks=1, extra=2).eval()
    network.extra_mean.copy_(torch.tensor([3.0, -1.0]))
    graph = featurize(["CCO"])
    assert torch.equal(network(graph, torch.tensor([[torch.nan, torch.nan]])), network(graph, torch.tensor([[3.0, -1.0]])))


def test_numbers_are_read_in_standard_deviations() -> None:
    torch.manual_seed(0)
    network = Network(SMALL, tasks=1, extra=1).eval()
    graph = featurize(["CCO"])
    plain = network(graph, torch.tensor([[1.5]]))
    network.extra_mean.fill_(100.0)
    network.extra_scale.fill_(10.0)
    assert torch.equal(network(graph, torch.tensor([[115.0]])), plain)
    assert torch.equal(network(graph, torch.tensor([[1e30]])), network(graph, torch.tensor([[1e31]])))  # far out is far out


@pytest.mark.parametrize(("layers", "linear"), [(0, 1), (1, 2), (3, 4)])
def test_the_head_has_the_layers_asked_for(layers: int, linear: int) -> None:
    network = Network(NetworkSettings(width=8, head_layers=layers), tasks=5, extra=3)
    found = [layer for layer in network.head if isinstance(layer, nn.Linear)]
    assert len(found) == linear
    assert (found[0].in_features, found[-1].out_features) == (11, 5)


def test_unknown_encoders_and_options_are_request_errors() -> None:
    with pytest.raises(MolgenError, match="dmpn"):
        Network(NetworkSettings(encoder="dmpn"), tasks=1)
    with pytest.raises(MolgenError, match="heads"):
        Network(NetworkSettings(encoder_options={"heads": 4}), tasks=1)
    with pytest.raises(MolgenError, match="unknown key 'widht'"):
        NetworkSettings.of({"widht": 3})
