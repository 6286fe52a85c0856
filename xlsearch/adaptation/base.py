"""What an adaptation method is: which weights are trained, and on what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from xlsearch.config.run import PartKind
from xlsearch.config.settings import Settings

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class Share:
    """A part of the training data.

    Attributes:
        kind: What its instances are.
        language: Which language they are in.
        weight: Share of the instances drawn from it.
    """

    kind: PartKind
    language: str
    weight: float


class AdaptationMethod(Settings):
    """A way to adapt a pretrained model to a task. Its fields are its numbers.

    Attributes:
        name: Name on the command line.
    """

    name: ClassVar[str]

    def shares(self, source: str, targets: Sequence[str]) -> list[Share]:
        """What training instances are drawn from; the weights add up to 1.

        Args:
            source: The source language.
            targets: The target languages of the search.
        """
        return [Share("task", source, 1.0)]

    @property
    def extra_positions(self) -> int:
        """Positions of the encoder that the method takes before each input."""
        return 0

    def prepare(self, model: PreTrainedModel) -> PreTrainedModel:
        """Decides which weights are trained, before the optimizer is built: all of them here.

        What the method adds is drawn from torch's random numbers, so the run's seed decides it.

        Args:
            model: Freshly loaded; it may be changed.

        Returns:
            The model to train: the same, or one around it that is called and generates likewise.
        """
        model.requires_grad_(True)
        return model

    def merged(self, model: PreTrainedModel) -> PreTrainedModel | None:
        """The trained model with the weights of a pretrained one and no others.

        Args:
            model: What ``prepare`` returned, trained; not to be trained further.

        Returns:
            A model whose folder ``from_pretrained`` loads; None if the method adds parts that a
            pretrained model has no place for.
        """
        return model
