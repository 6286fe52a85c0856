"""The pocket models as the catalogue knows them: pretrained on first use, kept by content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlsearch.runs.content import ContentStore, content_name


@dataclass(frozen=True)
class PocketModel:
    """A model of a real family, small enough to be pretrained on the spot.

    Attributes:
        name: Name of the paper's model that it stands for.
        family: ``mbart`` or ``mt5``.
        parameters: Number of weights, for estimates of cost.
        input_limit: Longest input in pieces.
    """

    name: str
    family: str
    parameters: int
    input_limit: int = 256
    hub_id: None = None
    architecture: None = None

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
        on_step: Callable[[int, int, float], None] | None = None,
        on_wait: Callable[[str], None] = lambda who: None,
    ) -> Path:
        """The model's folder; pretrains it if nobody did before.

        Args:
            store: Where pretrained models are kept.
            seed: Of the initial weights and the pretraining data.
            on_step: Called after each pretraining step with steps done, all steps, and the loss.
            on_wait: Called now and then with the process that is pretraining this very model.
        """
        from xlsearch.pocket.pretraining import pretrain

        description = self._description(seed)
        return store.obtain(
            "pocket-model",
            description,
            lambda folder: pretrain(description, folder, on_step),
            on_wait,
        )


POCKET_MODELS: dict[str, PocketModel] = {
    "mbart": PocketModel("mbart", family="mbart", parameters=1_200_000),
    "mt5-base": PocketModel("mt5-base", family="mt5", parameters=1_650_000),
}
