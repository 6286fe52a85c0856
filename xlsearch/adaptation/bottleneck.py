"""The bottleneck of adapters, and where it goes in the three families."""

from __future__ import annotations

import torch
from torch import nn

SUBLAYER_ENDS = ("out_proj", "fc2", "o", "wo")
"""The last linear layer of attention and of a feed-forward block: mBART's and NLLB's, then mT5's.
What it gives is the output of the sub-layer, to which only dropout and the residual come."""

INITIAL_DEVIATION = 0.01
"""Standard deviation of the initial down-projection (Houlsby et al. 2019, section 3.6)."""


class Bottleneck(nn.Module):
    """Adds to its input what passes through a narrow layer; nothing at the start.

    Args:
        width: Of the hidden states.
        dimension: Of the narrow layer.
    """

    def __init__(self, width: int, dimension: int) -> None:
        super().__init__()
        self.down = nn.Linear(width, dimension)
        self.up = nn.Linear(dimension, width)
        nn.init.normal_(self.down.weight, std=INITIAL_DEVIATION)
        for zero in (self.down.bias, self.up.weight, self.up.bias):
            nn.init.zeros_(zero)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """The changed states, [..., width]."""
        added: torch.Tensor = self.up(torch.relu(self.down(states)))
        return states + added

    def after(self, layer: nn.Module, inputs: object, output: torch.Tensor) -> torch.Tensor:
        """The hook of the layer that this one follows."""
        changed: torch.Tensor = self(output)
        return changed


def add_bottlenecks(model: nn.Module, dimension: int) -> None:
    """Puts a bottleneck after every attention and every feed-forward block.

    Each is a part of the layer it follows, named ``adapter``, so that it moves to devices, is
    counted and is saved with the model.

    Args:
        model: Of one of the three families.
        dimension: Inner width of a bottleneck.
    """
    for name, layer in list(model.named_modules()):
        if name.rpartition(".")[2] in SUBLAYER_ENDS and isinstance(layer, nn.Linear):
            adapter = Bottleneck(layer.out_features, dimension).to(layer.weight)
            layer.adapter = adapter
            layer.register_forward_hook(adapter.after)
