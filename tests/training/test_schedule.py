"""The schedule against its closed form and against torch's own scheduler."""

from __future__ import annotations

import math

import pytest
import torch

from xlsearch.training.schedule import inverse_square_root


@pytest.mark.parametrize(
    ("step", "share"),
    [(1, 1 / 4000), (2000, 0.5), (4000, 1.0), (16000, 0.5), (20000, math.sqrt(0.2))],
)
def test_the_papers_schedule(step: int, share: float) -> None:
    assert inverse_square_root(step, 4000) == pytest.approx(share)


@pytest.mark.parametrize("warmup", [1, 3, 10])
def test_it_is_that_of_a_lambda_scheduler(warmup: int) -> None:
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=0.5)
    # fairseq's rule in words: rise linearly, then peak * sqrt(warmup) / sqrt(step).
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda done: (done + 1) / warmup if done + 1 < warmup else warmup**0.5 * (done + 1) ** -0.5,
    )
    for step in range(1, 41):
        rate = optimizer.param_groups[0]["lr"]
        assert 0.5 * inverse_square_root(step, warmup) == pytest.approx(rate)
        optimizer.step()
        scheduler.step()
