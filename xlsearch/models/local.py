"""A model in a folder of the user's, in place of the hub."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlsearch.errors import UserError
from xlsearch.models.architecture import Architecture
from xlsearch.models.entry import ModelEntry, OnStep, OnWait
from xlsearch.models.family_facts import FAMILY_FACTS
from xlsearch.models.parts import missing_parts
from xlsearch.runs.content import ContentStore, content_name, file_sha256

_MODEL_TYPES = {facts.model_type: facts for facts in FAMILY_FACTS.values()}
"""The family of each ``model_type`` of ``config.json``."""

_PARTS = ("*.json", "*.model", "*.safetensors", "*.txt", "pytorch_model*.bin")


@dataclass(frozen=True)
class LocalModel(ModelEntry):
    """A folder that ``from_pretrained`` loads.

    Attributes:
        name: Name in rows and tables.
        folder: Where it is.
        family: One of ``xlsearch.models.family_facts.FAMILY_NAMES``.
        architecture: Its sizes, from its configuration.
        input_limit: Longest input in pieces.
    """

    name: str
    folder: Path
    family: str
    architecture: Architecture
    input_limit: int
    hub_id: None = None

    def checkpoint_name(self, seed: int) -> str:
        """``local-<content>``, of all files that make the model."""
        files = {path for part in _PARTS for path in self.folder.glob(part)}
        content = {path.name: file_sha256(path) for path in sorted(files)}
        return f"local-{content_name(content)}"

    def obtain(
        self,
        store: ContentStore,
        seed: int,
        on_step: OnStep | None = None,
        on_wait: OnWait = lambda who: None,
    ) -> Path:
        """The folder."""
        return self.folder


def local_model(
    folder: Path, name: str | None, family: str | None, limit: int | None
) -> LocalModel:
    """The model of a folder.

    Args:
        folder: The folder.
        name: Its name; None takes the folder's.
        family: Family that it has to be of; None takes any.
        limit: Longest input in pieces; None takes that of the family's published models.

    Raises:
        UserError: If it is not a folder with a model of a known, or of the given family.
    """
    folder = folder.resolve()
    config = _read_config(folder)
    kind = config.get("model_type")
    if kind not in _MODEL_TYPES:
        raise UserError(
            f"{folder}/config.json is of model type {kind!r}; valid: {', '.join(_MODEL_TYPES)}"
        )
    facts = _MODEL_TYPES[kind]
    if family is not None and facts.name != family:
        raise UserError(
            f"{folder} holds a model of family {facts.name}, but model {name!r} is of family "
            f"{family}"
        )
    lacking = missing_parts(folder)
    if lacking is not None:
        raise UserError(f"{folder} has no {lacking}")
    try:
        architecture = _architecture(config)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{folder}/config.json: wrong or missing size {error}") from None
    positions = int(config.get("max_position_embeddings") or facts.input_limit)
    limit = min(limit or facts.input_limit, positions)
    return LocalModel(_plain(name or folder.name), folder, facts.name, architecture, limit)


def _read_config(folder: Path) -> dict[str, Any]:
    file = folder / "config.json"
    if not folder.is_dir():
        raise UserError(f"--model-path {folder} is not a folder; expected one with a config.json")
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{folder} holds no model: it has no config.json") from None
    except ValueError:
        config = None
    if not isinstance(config, dict):
        raise UserError(f"{file} is not a JSON object")
    return config


def _architecture(config: dict[str, Any]) -> Architecture:
    def size(*names: str) -> int:
        """The first of these sizes that the configuration has."""
        found = next((config[name] for name in names if name in config), None)
        if not isinstance(found, int) or found < 1:
            raise ValueError(repr(names[0]))
        return found

    if config["model_type"] == "mt5":
        return Architecture(
            width=size("d_model"),
            heads_width=size("d_kv") * size("num_heads"),
            feed_forward=size("d_ff"),
            layers=size("num_layers"),
            decoder_layers=size("num_decoder_layers", "num_layers"),
            vocabulary=size("vocab_size"),
            gated="gated" in config.get("feed_forward_proj", "gated-gelu"),
            tied=False,
        )
    return Architecture(
        width=size("d_model"),
        heads_width=size("d_model"),
        feed_forward=size("encoder_ffn_dim"),
        layers=size("encoder_layers"),
        decoder_layers=size("decoder_layers", "encoder_layers"),
        vocabulary=size("vocab_size"),
        gated=False,
        tied=True,
    )


def _plain(name: str) -> str:
    """A folder's name as the name of a model, and so of a study."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "model"
