"""The pocket models as the catalogue knows them: pretrained on first use, kept by content."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlsearch.models.entry import ModelEntry, OnStep, OnWait
from xlsearch.runs.content import ContentStore, content_name


@dataclass(frozen=True)
class PocketModel(ModelEntry):
    """A model of a real family, small enough to be pretrained on the spot.

    Attributes:
        name: Name of the paper's model that it stands for.
        family: ``mbart`` or ``mt5``.
        weights: How many it has, for estimates of cost.
        input_limit: Longest input in pieces.
    """

    name: str
    family: str
    weights: int
    input_limit: int = 256
    hub_id: None = None
    architecture: None = None

    @property
    def parameters(self) -> int:
        """Number of weights."""
        return self.weights

    def _description(self, seed: int) -> dict[str, Any]:
        from xlsearch.pocket.pretraining import pretraining_config

        return dict(pretraining_config(self.family, seed))

    def checkpoint_name(self, seed: int) -> str:
        """``pocket-<family>-<content>``."""
        return f"pocket-{self.family}-{content_name(self._description(seed))}"

    def obtain(
        self,
        store: ContentStore,
        seed: int,
        on_step: OnStep | None = None,
        on_wait: OnWait = lambda who: None,
    ) -> Path:
        """The model's folder; pretrains it if nobody did before."""
        from xlsearch.pocket.pretraining import pretrain

        description = self._description(seed)
        return store.obtain(
            "pocket-model",
            description,
            lambda folder: pretrain(description, folder, on_step),
            on_wait,
        )


POCKET_MODELS: dict[str, PocketModel] = {
    "mbart": PocketModel("mbart", family="mbart", weights=1_200_000),
    "mt5-base": PocketModel("mt5-base", family="mt5", weights=1_650_000),
}
