"""Trained parts by themselves: saved, and put on a freshly loaded pretrained model again.

A folder of a trained part has ``adaptation.safetensors``, the trained weights by name, and
``adaptation.json``: the method, its numbers, and a fingerprint of the weights that stayed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from transformers import PreTrainedModel

from xlsearch.adaptation.base import AdaptationMethod
from xlsearch.adaptation.registry import load_method
from xlsearch.errors import UserError
from xlsearch.models.loading import load_model
from xlsearch.runs.atomic import read_json, write_json

WEIGHTS = "adaptation.safetensors"
DESCRIPTION = "adaptation.json"

_SAMPLED = 256
"""Numbers of each frozen weight that go into the fingerprint: enough to tell checkpoints apart."""


def trained_weights(model: PreTrainedModel) -> dict[str, torch.nn.Parameter]:
    """The trained weights by name; a tied weight is there once."""
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def save_trained(method: AdaptationMethod, model: PreTrainedModel, folder: Path) -> None:
    """Writes the trained part of a model, and nothing else.

    Args:
        method: How the model was adapted.
        model: What the method's ``prepare`` returned.
        folder: To write into.
    """
    weights = {name: p.detach().cpu().contiguous() for name, p in trained_weights(model).items()}
    save_file(weights, folder / WEIGHTS)
    described = {
        "method": method.name,
        "numbers": method.model_dump(mode="json"),
        "frozen": _frozen_fingerprint(model),
    }
    write_json(folder / DESCRIPTION, described)


def load_trained(model: PreTrainedModel, folder: Path) -> PreTrainedModel:
    """Puts a trained part on the pretrained model that it was trained on.

    Args:
        model: Freshly loaded; it may be changed.
        folder: What ``save_trained`` wrote.

    Returns:
        The adapted model, ready to be trained further or to generate.

    Raises:
        UserError: If the folder has no whole trained part, or that of another pretrained model.
    """
    try:
        described = read_json(folder / DESCRIPTION)
        weights = load_file(folder / WEIGHTS)
        name, numbers, frozen = (described[key] for key in ("method", "numbers", "frozen"))
    except (OSError, ValueError, KeyError, SafetensorError):
        raise UserError(
            f"{folder} has no whole trained part; expected {DESCRIPTION} and {WEIGHTS}"
        ) from None
    adapted = load_method(name, numbers, str(folder / DESCRIPTION)).prepare(model)
    trained = trained_weights(adapted)
    shapes = {name: weight.shape for name, weight in weights.items()}
    fits = shapes == {name: parameter.shape for name, parameter in trained.items()}
    if not fits or _frozen_fingerprint(adapted) != frozen:
        raise UserError(
            f"{folder} was trained on another pretrained model than this one; give the one that "
            "its run began from"
        )
    with torch.no_grad():
        for name, parameter in trained.items():
            parameter.copy_(weights[name])
    return adapted


def save_model(method: AdaptationMethod, model: PreTrainedModel, folder: Path) -> None:
    """Writes a model folder that ``from_pretrained`` loads, or else the trained part.

    Args:
        method: How the model was adapted.
        model: What the method's ``prepare`` returned; not to be trained further.
        folder: To write into.
    """
    whole = method.merged(model)
    if whole is not None:
        whole.save_pretrained(folder)
        return
    save_trained(method, model, folder)
    assert model.generation_config is not None
    model.generation_config.save_pretrained(folder)


def load_adapted(folder: Path, pretrained: Path) -> PreTrainedModel:
    """A trained model ready to generate, whatever method trained it.

    Args:
        folder: The ``model`` folder of a run, or what ``xlsearch train`` wrote.
        pretrained: The folder of the model that the run began from: a pretrained model, or an
            intermediate-tuned one. Read only where ``folder`` holds a trained part.

    Raises:
        UserError: If the trained part is broken, or was trained on another model.
    """
    if not (folder / DESCRIPTION).exists():
        return load_model(folder)
    from transformers import GenerationConfig

    model = load_model(pretrained)
    model.generation_config = GenerationConfig.from_pretrained(folder)
    adapted = load_trained(model, folder)
    adapted.train(False)
    return adapted


def _frozen_fingerprint(model: PreTrainedModel) -> str:
    """Hash of a sample of the weights that are not trained; of nothing, if all are."""
    digest = hashlib.sha256()
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            sample = parameter.detach().flatten()[:_SAMPLED].float().cpu()
            digest.update(name.encode() + sample.numpy().tobytes())
    return digest.hexdigest()[:16]
