"""On what to compute, and in which precision."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Literal

import torch


def best_device() -> torch.device:
    """The first GPU, or the CPU where there is none."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def device_name(device: torch.device) -> str:
    """What a person calls the device."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def multiplies_bf16(device: torch.device) -> bool:
    """Whether the device multiplies bf16 matrices in hardware; elsewhere fp32 is faster."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def resolve_precision(wanted: Literal["auto", "bf16", "fp32"], device: torch.device) -> str:
    """``bf16`` or ``fp32``, for ``auto`` too."""
    if wanted == "auto":
        return "bf16" if multiplies_bf16(device) else "fp32"
    return wanted


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Computes on one CPU thread during the block, whatever the machine and the caller offer.

    Sums over several threads round differently for each number of them, and a run is to come to
    the same end wherever it runs.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def autocast(precision: str, device: torch.device) -> contextlib.AbstractContextManager[None]:
    """Computes in bf16 where that is asked for. The weights stay fp32.

    Weights in bf16 would lose nearly all of an update at a learning rate of 1e-6, which is below
    their resolution.
    """
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16")
