"""The learning rate over the steps of a run."""

from __future__ import annotations

import math


def inverse_square_root(step: int, warmup_steps: int) -> float:
    """Share of the peak learning rate at a step (paper, training details).

    Rises linearly to 1 at ``warmup_steps``, then falls with the square root of the step.

    Args:
        step: The step about to be done, from 1.
        warmup_steps: Steps until the peak, at least 1.
    """
    return min(step / warmup_steps, math.sqrt(warmup_steps / step))
