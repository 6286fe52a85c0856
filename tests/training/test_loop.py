"""The loop: the loss it minimises, its learning rates, and when it gives up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedModel

from xlsearch.config.training import TrainingSettings
from xlsearch.models.families import FAMILIES
from xlsearch.models.loading import load_model
from xlsearch.models.padding import attention_mask, padded
from xlsearch.training.accumulation import in_parts
from xlsearch.training.batches import IGNORED, Batch, Position
from xlsearch.training.checkpoint import Counters
from xlsearch.training.loop import Diverged, FineTuning, build_optimizer


def settings(**changes: object) -> TrainingSettings:
    values = {"steps": 4, "warmup_steps": 2, "batch_tokens": 100, "precision": "fp32", **changes}
    return TrainingSettings.model_validate(values)


def batch() -> Batch:
    sources = [[5, 6, 7, 8, 2], [9, 10, 2]]
    labels = [[11, 12, 2], [13, 14, 15, 2]]
    return Batch(padded(sources, 1), attention_mask(sources), padded(labels, IGNORED), 15)


def flat(model: PreTrainedModel) -> torch.Tensor:
    """All weights of a model in one row."""
    return torch.nn.utils.parameters_to_vector(model.parameters()).detach()


class OneBatch:
    """A stream of one batch, again and again."""

    def __init__(self) -> None:
        self.position = Position()

    def __iter__(self) -> Iterator[Batch]:
        while True:
            self.position = Position(0, self.position.batch + 1)
            yield batch()


def tuning(
    model: PreTrainedModel, learning_rate: float = 1e-3, **changes: object
) -> tuple[FineTuning, torch.optim.Optimizer]:
    optimizer = build_optimizer(model, settings(**changes))
    stream = OneBatch()
    family = FAMILIES["mt5" if model.config.model_type == "mt5" else "mbart"]
    made = FineTuning(
        model,
        family,
        optimizer,
        stream,  # type: ignore[arg-type]
        settings(**changes),
        learning_rate,
        Counters(),
    )
    return made, optimizer


@pytest.mark.parametrize("family", ["mbart", "mt5"])
def test_the_loss_is_the_models_own(family: str, pretrained: dict[str, Path]) -> None:
    model = load_model(pretrained[family], dropout=0.0).train()
    one = batch()
    expected = model(
        input_ids=one.input_ids, attention_mask=one.attention_mask, labels=one.labels
    ).loss
    made, _ = tuning(model)
    assert next(made.steps(1)) == pytest.approx(float(expected.detach()), rel=1e-6)


def test_label_smoothing_is_torchs(pretrained: dict[str, Path]) -> None:
    model = load_model(pretrained["mbart"], dropout=0.0).train()
    one = batch()
    logits = model(
        input_ids=one.input_ids, attention_mask=one.attention_mask, labels=one.labels
    ).logits
    kept = one.labels != IGNORED
    log_probabilities = logits.log_softmax(-1)[kept]
    wanted = log_probabilities.gather(1, one.labels[kept][:, None]).mean()
    expected = -(0.9 * wanted + 0.1 * log_probabilities.mean())
    made, _ = tuning(model, label_smoothing=0.1)
    assert next(made.steps(1)) == pytest.approx(float(expected.detach()), rel=1e-5)


@pytest.mark.parametrize("family", ["mbart", "mt5"])
def test_the_loss_falls(family: str, pretrained: dict[str, Path]) -> None:
    made, _ = tuning(load_model(pretrained[family], dropout=0.0), learning_rate=1e-2)
    losses = list(made.steps(8))
    assert losses[-1] < losses[0] - 0.5


@pytest.mark.parametrize("family", ["mbart", "mt5"])
def test_updates_are_those_of_a_plain_loop(family: str, pretrained: dict[str, Path]) -> None:
    model, plain = (load_model(pretrained[family], dropout=0.0) for _ in range(2))
    made, _ = tuning(model, learning_rate=1e-3)
    list(made.steps(3))
    one, optimizer = batch(), torch.optim.AdamW(plain.parameters(), weight_decay=0.0)
    for rate in (5e-4, 1e-3, 1e-3 * (2 / 3) ** 0.5):
        optimizer.zero_grad()
        plain(input_ids=one.input_ids, attention_mask=one.attention_mask, labels=one.labels)[
            "loss"
        ].backward()
        torch.nn.utils.clip_grad_norm_(plain.parameters(), 1.0)
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
    start = flat(load_model(pretrained[family]))
    # Adam blows up the rounding of tiny gradients, so that single weights say nothing.
    assert (flat(model) - flat(plain)).norm() < 1e-3 * (flat(plain) - start).norm()


def test_each_step_has_its_learning_rate(pretrained: dict[str, Path]) -> None:
    made, optimizer = tuning(load_model(pretrained["mbart"]), learning_rate=1e-3)
    rates = [optimizer.param_groups[0]["lr"] for _ in made.steps(8)]
    assert rates[:3] == pytest.approx([5e-4, 1e-3, 1e-3 * (2 / 3) ** 0.5])
    assert rates[7] == pytest.approx(5e-4)


def test_the_counters_count(pretrained: dict[str, Path]) -> None:
    made, _ = tuning(load_model(pretrained["mbart"]))
    list(made.steps(2))
    list(made.steps(3))
    counters = made.counters
    assert (counters.step, counters.position, counters.train_tokens) == (3, Position(0, 3), 45)


def test_frozen_weights_stay(pretrained: dict[str, Path]) -> None:
    model = load_model(pretrained["mbart"], dropout=0.0)
    model.requires_grad_(False)
    model.model.encoder.layers.requires_grad_(True)
    before = {name: p.clone() for name, p in model.named_parameters()}
    made, _ = tuning(model, learning_rate=1e-2)
    list(made.steps(2))
    changed = {name for name, p in model.named_parameters() if not p.equal(before[name])}
    assert changed
    assert all(name.startswith("model.encoder.layers.") for name in changed)


def test_gradients_are_clipped(pretrained: dict[str, Path]) -> None:
    """Adam hides the size of gradients; its first moment after one step shows it."""
    made, optimizer = tuning(load_model(pretrained["mbart"], dropout=0.0), clip_norm=0.01)
    next(made.steps(1))
    moments = [state["exp_avg"].square().sum() for state in optimizer.state.values()]
    assert float(torch.stack(moments).sum().sqrt()) == pytest.approx(0.1 * 0.01, rel=0.01)


@pytest.mark.parametrize("broken", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_ends_the_run(broken: float, pretrained: dict[str, Path]) -> None:
    model = load_model(pretrained["mbart"])
    made, _ = tuning(model)
    list(made.steps(1))
    with torch.no_grad():
        model.model.shared.weight.fill_(broken)
    with pytest.raises(Diverged, match="step 2"):
        next(made.steps(2))
    assert made.counters.step == 1


def test_an_infinite_gradient_under_a_finite_loss_is_divergence(
    pretrained: dict[str, Path],
) -> None:
    model = load_model(pretrained["mbart"], dropout=0.0)
    before = flat(model)
    weight = next(model.parameters())
    weight.register_hook(lambda gradient: torch.full_like(gradient, float("inf")))
    made, _ = tuning(model)
    with pytest.raises(Diverged, match="gradient norm inf"):
        next(made.steps(1))
    assert flat(model).equal(before)
    assert made.counters.step == 0


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("family", ["mbart", "mt5"])
def test_the_update_is_that_of_the_whole_batch(
    family: str, smoothing: float, pretrained: dict[str, Path]
) -> None:
    """With plain gradient descent, since Adam blows up the rounding of tiny gradients."""
    start = load_model(pretrained[family], dropout=0.0)
    ends, losses = [], []
    for parts in (1, 2):
        model = load_model(pretrained[family], dropout=0.0)
        optimizer = torch.optim.SGD(model.parameters())
        used = settings(label_smoothing=smoothing, clip_norm=1e9)
        stream = OneBatch()
        made = FineTuning(
            model,
            FAMILIES[family],
            optimizer,
            stream,  # type: ignore[arg-type]
            used,
            0.1,
            Counters(),
            parts,
        )
        losses.append(next(made.steps(1)))
        ends.append(torch.nn.utils.parameters_to_vector(model.parameters()).detach())
    whole, split = ends
    assert losses[1] == pytest.approx(losses[0], rel=1e-6)
    assert (split - whole).abs().max() < 1e-6
    assert (whole - torch.nn.utils.parameters_to_vector(start.parameters())).abs().max() > 1e-3


def test_parts_hold_the_examples_without_needless_padding() -> None:
    whole = batch()
    (first, a), (second, b) = in_parts(whole, 2)
    assert first.input_ids.tolist() == [[5, 6, 7, 8, 2]]
    assert first.labels.tolist() == [[11, 12, 2]]
    assert second.input_ids.tolist() == [[9, 10, 2]]
    assert second.labels.tolist() == [[13, 14, 15, 2]]
    assert (a, b) == pytest.approx((3 / 7, 4 / 7))
    assert first.tokens + second.tokens == whole.tokens
    assert not (first.labels == IGNORED).any()


def test_one_example_is_one_part() -> None:
    (one, _), _ = in_parts(batch(), 2)
    ((again, weight),) = in_parts(one, 2)
    assert again.input_ids.equal(one.input_ids)
    assert weight == 1.0
