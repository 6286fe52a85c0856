"""Published models: fetched from the Hugging Face hub on first use, kept in its own cache."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xlsearch.errors import UserError
from xlsearch.models.architecture import Architecture
from xlsearch.models.entry import ModelEntry, OnStep, OnWait
from xlsearch.models.parts import missing_parts
from xlsearch.runs.content import ContentStore

_FILES = ("*.json", "*.model", "*.safetensors", "*.txt")
_PICKLED = ("pytorch_model*.bin", "pytorch_model.bin.index.json")
"""Weights of checkpoints without safetensors; torch reads them as plain tensors only."""


@dataclass(frozen=True)
class HubModel(ModelEntry):
    """A model of the hub.

    Attributes:
        name: Name on the command line.
        family: One of ``xlsearch.models.family_facts.FAMILY_NAMES``.
        hub_id: Repository on the hub.
        architecture: Its sizes, from its published configuration.
        input_limit: Longest input in pieces (paper, section on the experimental setup).
        revision: Branch, tag or commit of the repository.
    """

    name: str
    family: str
    hub_id: str
    architecture: Architecture
    input_limit: int
    revision: str = "main"

    def checkpoint_name(self, seed: int) -> str:
        """``<hub id>@<commit>``; the pretraining seed is the publisher's.

        Raises:
            UserError: If the model is not in the cache and the hub can't be reached.
        """
        return f"{self.hub_id}@{self._snapshot().name}"

    def obtain(
        self,
        store: ContentStore,
        seed: int,
        on_step: OnStep | None = None,
        on_wait: OnWait = lambda who: None,
    ) -> Path:
        """The model's folder in the hub's cache; what is missing is fetched, with progress bars.

        Raises:
            UserError: If something is missing and the hub can't be reached.
        """
        return self._snapshot()

    def _snapshot(self) -> Path:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError

        # What is here is taken as it is: a study goes on with the weights it began with.
        try:
            found = snapshot_download(
                self.hub_id,
                revision=self.revision,
                allow_patterns=["config.json"],
                local_files_only=True,
            )
        except LocalEntryNotFoundError:
            return self._download()
        return Path(found) if missing_parts(Path(found)) is None else self._download()

    def _download(self) -> Path:
        from huggingface_hub import HfApi, snapshot_download
        from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]

        try:
            listed = HfApi().model_info(self.hub_id, revision=self.revision, timeout=10)
            names = [file.rfilename for file in listed.siblings or []]
            safe = any(name.endswith(".safetensors") for name in names)
            # By the name of the revision, so that the cache knows which commit it was.
            found = Path(
                snapshot_download(
                    self.hub_id,
                    revision=self.revision,
                    allow_patterns=[*_FILES, *(() if safe else _PICKLED)],
                )
            )
        except (OSError, ValueError, HTTPError) as error:
            raise UserError(
                f"can't fetch {self.hub_id} from the hub ({type(error).__name__}); without a "
                "network, give a folder that holds the model with --model-path"
            ) from None
        lacking = missing_parts(found)
        if lacking is not None:
            raise UserError(f"{self.hub_id} at {self.revision} on the hub has no {lacking}")
        return found


def _mt5(width: int, feed_forward: int, layers: int) -> Architecture:
    return Architecture(width, width, feed_forward, layers, 250_112, gated=True, tied=False)


_MBART = Architecture(1024, 1024, 4096, 12, 250_054, gated=False, tied=True)

HUB_MODELS: dict[str, HubModel] = {
    model.name: model
    for model in (
        HubModel("mt5-base", "mt5", "google/mt5-base", _mt5(768, 2048, 12), 512),
        HubModel("mt5-large", "mt5", "google/mt5-large", _mt5(1024, 2816, 24), 512),
        HubModel("mbart", "mbart", "facebook/mbart-large-50", _MBART, 1024),
        HubModel("mbart-tr", "mbart", "facebook/mbart-large-50-many-to-many-mmt", _MBART, 1024),
        HubModel(
            "nllb",
            "nllb",
            "facebook/nllb-200-distilled-600M",
            Architecture(1024, 1024, 4096, 12, 256_206, gated=False, tied=True),
            512,
        ),
        HubModel(
            "nllb-3.3b",
            "nllb",
            "facebook/nllb-200-3.3B",
            Architecture(2048, 2048, 8192, 24, 256_206, gated=False, tied=True),
            512,
        ),
    )
}
"""The paper's models (section on the experimental setup); nllb-3.3b only translates data there."""
