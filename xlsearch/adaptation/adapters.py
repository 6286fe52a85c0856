"""Adapters: small bottlenecks after every attention and every feed-forward block are trained.

Where they stand is Houlsby et al. (2019), figure 2: at the end of the sub-layer, before its output
is added to the residual. The non-linearity is the ReLU of Bapna & Firat (2019).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from xlsearch.adaptation.base import AdaptationMethod

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Adapters(AdaptationMethod):
    """Trains bottlenecks in the encoder and the decoder, and nothing else.

    Attributes:
        dimension: Inner width of a bottleneck (paper: 64).
    """

    name = "adapters"
    dimension: int = Field(default=64, ge=1)

    def prepare(self, model: PreTrainedModel) -> PreTrainedModel:
        # Here, since names and numbers can be checked without loading torch.
        from xlsearch.adaptation.bottleneck import add_bottlenecks

        model.requires_grad_(False)
        add_bottlenecks(model, self.dimension)
        return model

    def merged(self, model: PreTrainedModel) -> None:
        """A pretrained model has no place for bottlenecks."""
