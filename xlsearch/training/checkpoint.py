"""Everything a run needs to continue as if it had never stopped. No pickle is written or read."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from transformers import PreTrainedModel

from xlsearch.adaptation.saved import trained_weights
from xlsearch.runs.atomic import new_folder, read_json, write_json
from xlsearch.runs.content import content_name
from xlsearch.training.batches import START, Position

_WEIGHTS = "weights.safetensors"
_OPTIMIZER = "optimizer.safetensors"
_STATE = "state.json"


@dataclass(frozen=True)
class Counters:
    """What a run has done so far.

    Attributes:
        step: Updates done.
        position: The next batch.
        train_tokens: Source and label tokens trained on, padding not counted.
        train_seconds, evaluation_seconds: Wall time so far.
    """

    step: int = 0
    position: Position = START
    train_tokens: int = 0
    train_seconds: float = 0.0
    evaluation_seconds: float = 0.0


def save_checkpoint(
    folder: Path,
    model: PreTrainedModel,
    optimizer: torch.optim.Optimizer,
    counters: Counters,
    rows: str = "",
) -> None:
    """Writes a checkpoint beside the last one. Of those before it none is kept.

    So there are two, and should the new one be found damaged there is the one before. There is
    never more on the disk: what is older than the last one is removed before anything is written.

    Args:
        folder: Holds one folder a checkpoint, named by its step. A crash leaves one of them whole.
        model: Its trained weights are kept.
        optimizer: Its moments are kept.
        counters: What the run has done so far.
        rows: Digest of the rows up to here, for ``load_checkpoint``.
    """
    for older in _newest_first(folder)[1:]:
        shutil.rmtree(older)
    trained = trained_weights(model)
    moments = {
        f"{name}.{key}": value.detach().cpu()
        for name, parameter in trained.items()
        for key, value in optimizer.state[parameter].items()
    }
    moments["rng.cpu"] = torch.get_rng_state()
    if torch.cuda.is_available():
        moments["rng.cuda"] = torch.cuda.get_rng_state()
    place = folder / f"step-{counters.step:09d}"
    with new_folder(place) as new:
        weights = {name: parameter.detach().cpu() for name, parameter in trained.items()}
        save_file(weights, new / _WEIGHTS)
        save_file(moments, new / _OPTIMIZER)
        values = asdict(counters)
        digests = {name: _sha256(new / name) for name in (_WEIGHTS, _OPTIMIZER)}
        digests["counters"] = content_name({**values, "rows": rows})
        write_json(new / _STATE, {"counters": values, "rows": rows, "sha256": digests})


def load_checkpoint(
    folder: Path,
    model: PreTrainedModel,
    optimizer: torch.optim.Optimizer,
    rows: Callable[[int], str] = lambda step: "",
    on_damaged: Callable[[Path], None] = lambda place: None,
) -> Counters | None:
    """Puts a run back to where its newest whole checkpoint was written. Damaged ones are removed.

    Args:
        folder: What ``save_checkpoint`` wrote.
        model: As it was at step 0; its trained weights are overwritten.
        optimizer: Over the model's trained weights; its moments are overwritten.
        rows: Digest of the rows up to a step, as they are now. A checkpoint is only as good as the
            rows before it, which are not made again.
        on_damaged: Told about each checkpoint that is not used.

    Returns:
        The run's counters; None where there is no checkpoint, or none that is undamaged.
    """
    for place in _newest_first(folder):
        state = _verified_state(place)
        if state is not None and state["rows"] == rows(state["counters"]["step"]):
            return _restore(place, state, model, optimizer)
        on_damaged(place)
        shutil.rmtree(place)
    return None


def save_weights(folder: Path, model: PreTrainedModel) -> None:
    """Writes the trained weights of a model to a folder that is then whole.

    Args:
        folder: The folder; what was there is replaced.
        model: As after the step whose weights are kept.
    """
    with new_folder(folder) as new:
        weights = {
            name: parameter.detach().cpu() for name, parameter in trained_weights(model).items()
        }
        save_file(weights, new / _WEIGHTS)
        write_json(new / _STATE, {"sha256": _sha256(new / _WEIGHTS)})


def load_weights(folder: Path, model: PreTrainedModel) -> bool:
    """Puts the weights that ``save_weights`` wrote into a model.

    Returns:
        Whether they are there, and undamaged; if not, the model is as before.
    """
    try:
        if read_json(folder / _STATE)["sha256"] != _sha256(folder / _WEIGHTS):
            return False
    except (OSError, ValueError, KeyError, TypeError):
        return False
    weights = load_file(folder / _WEIGHTS)
    with torch.no_grad():
        for name, parameter in trained_weights(model).items():
            parameter.copy_(weights[name])
    return True


def _restore(
    place: Path, state: dict[str, Any], model: PreTrainedModel, optimizer: torch.optim.Optimizer
) -> Counters:
    weights = load_file(place / _WEIGHTS)
    moments = load_file(place / _OPTIMIZER)
    with torch.no_grad():
        for name, parameter in trained_weights(model).items():
            parameter.copy_(weights[name])
            prefix = f"{name}."
            optimizer.state[parameter] = {
                key.removeprefix(prefix): value.to(parameter.device)
                for key, value in moments.items()
                if key.startswith(prefix) and "." not in key.removeprefix(prefix)
            }
    torch.set_rng_state(moments["rng.cpu"])
    if "rng.cuda" in moments and torch.cuda.is_available():
        torch.cuda.set_rng_state(moments["rng.cuda"])
    counters: dict[str, Any] = state["counters"]
    return Counters(**{**counters, "position": Position(**counters["position"])})


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("step-*"), reverse=True)


def _verified_state(place: Path) -> dict[str, Any] | None:
    """The state of an undamaged checkpoint; None of a damaged one."""
    try:
        state = read_json(place / _STATE)
        digests = {name: _sha256(place / name) for name in (_WEIGHTS, _OPTIMIZER)}
        digests["counters"] = content_name({**state["counters"], "rows": state["rows"]})
        whole = bool(digests == state["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return state if whole else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
