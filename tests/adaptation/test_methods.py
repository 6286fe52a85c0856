"""Each method on each family: what trains, what stays, and what is left when it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, PreTrainedModel

from xlsearch.adaptation.base import AdaptationMethod
from xlsearch.adaptation.registry import load_method
from xlsearch.adaptation.saved import load_adapted, load_trained, save_model, save_trained
from xlsearch.config.training import TrainingSettings
from xlsearch.models.families import FAMILIES
from xlsearch.models.loading import load_model
from xlsearch.models.padding import attention_mask, padded
from xlsearch.training.batches import IGNORED, Batch, Position
from xlsearch.training.checkpoint import Counters
from xlsearch.training.loop import FineTuning, build_optimizer

METHODS = ("full", "freeze", "adapters", "prompt", "lora")
PLAIN = ("full", "freeze", "lora")
SOURCES = [[200, 201, 202, 203, 2], [204, 205, 2], [206, 207, 208, 209, 210, 211, 2]]


class OneBatch:
    """A stream of one batch, again and again."""

    def __init__(self) -> None:
        self.position = Position()

    def __iter__(self) -> Iterator[Batch]:
        labels = [[212, 213, 2], [214, 215, 216, 2], [217, 2]]
        while True:
            self.position = Position(0, self.position.batch + 1)
            yield Batch(padded(SOURCES, 1), attention_mask(SOURCES), padded(labels, IGNORED), 24)


@dataclass
class Case:
    """A model trained for 50 steps, and what it was before."""

    method: AdaptationMethod
    family: str
    pretrained: Path
    model: PreTrainedModel
    optimizer: torch.optim.Optimizer
    before: dict[str, torch.Tensor]
    saved: Path

    def restored(self) -> PreTrainedModel:
        """The trained part on a freshly loaded model."""
        return load_trained(load_model(self.pretrained), self.saved)


@pytest.fixture(
    scope="module",
    params=[(m, f) for f in FAMILIES for m in METHODS],
    ids=lambda case: "-".join(case),
)
def case(
    request: pytest.FixtureRequest,
    small_models: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Case:
    name, family = request.param
    method = load_method(name)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = method.prepare(load_model(small_models[family]))
        before = {key: value.clone() for key, value in model.state_dict().items()}
        settings = TrainingSettings(
            steps=50, warmup_steps=5, batch_tokens=100, precision="fp32", weight_decay=0.1
        )
        optimizer = build_optimizer(model, settings)
        stream: Any = OneBatch()
        tuning = FineTuning(model, FAMILIES[family], optimizer, stream, settings, 1e-2, Counters())
        list(tuning.steps(50))
    folder = tmp_path_factory.mktemp("saved")
    save_trained(method, model, folder)
    return Case(method, family, small_models[family], model, optimizer, before, folder)


def sizes(model: PreTrainedModel) -> tuple[int, int, int, int, int]:
    """Width, heads' width, feed-forward width, layers (of either half), pieces."""
    config = model.config
    if config.model_type == "mt5":
        heads = config.num_heads * config.d_kv
        return config.d_model, heads, config.d_ff, config.num_layers, config.vocab_size
    width = config.d_model
    return width, width, config.encoder_ffn_dim, config.encoder_layers, config.vocab_size


def blocks(family: str, model: PreTrainedModel) -> tuple[int, int]:
    """Weights of encoder and decoder without embeddings of pieces and positions."""
    d, h, f, layers, _ = sizes(model)
    if family == "mt5":  # no biases; norms only scale; a gated feed-forward block
        buckets = model.config.relative_attention_num_buckets * model.config.num_heads
        encoder = layers * (4 * d * h + 3 * d * f + 2 * d) + buckets + d
        return encoder, encoder + layers * (4 * d * h + d)
    attention, norm = 4 * (d * d + d), 2 * d
    feed_forward = d * f + f + f * d + d
    outside = norm * (2 if family == "mbart" else 1)  # mBART also has one after the embeddings
    encoder = layers * (attention + feed_forward + 2 * norm) + outside
    return encoder, encoder + layers * (attention + norm)


def expected_count(method: str, family: str, model: PreTrainedModel) -> int:
    d, h, f, layers, pieces = sizes(model)
    encoder, decoder = blocks(family, model)
    if method == "freeze":
        return encoder
    if method == "adapters":
        return (2 * layers + 3 * layers) * (2 * d * 64 + 64 + d)
    if method == "prompt":
        return 100 * d
    if method == "lora":
        matrices = 3 if family == "mt5" else 2
        return 16 * layers * (3 * 4 * (d + h) + 2 * matrices * (d + f))
    embeddings = pieces * d * (2 if family == "mt5" else 1)
    positions = 2 * (model.config.max_position_embeddings + 2) * d if family == "mbart" else 0
    return encoder + decoder + embeddings + positions


def test_the_number_of_trained_weights(case: Case) -> None:
    trained = sum(p.numel() for p in case.model.parameters() if p.requires_grad)
    assert trained == expected_count(case.method.name, case.family, load_model(case.pretrained))


def test_frozen_weights_stay_and_the_others_move(case: Case) -> None:
    trained = {name for name, p in case.model.named_parameters() if p.requires_grad}
    tied = {p.data_ptr() for p in case.model.parameters() if p.requires_grad}
    for name, value in case.model.state_dict().items():
        moved = not value.equal(case.before[name])
        if name in trained:
            # Softmax does not see what is added to all keys, so their bias has no gradient.
            assert moved or name.endswith("k_proj.bias"), name
        elif value.data_ptr() not in tied:
            assert not moved, name


def test_frozen_weights_cost_no_memory(case: Case) -> None:
    frozen = [p for p in case.model.parameters() if not p.requires_grad]
    trained = [p for p in case.model.parameters() if p.requires_grad]
    assert set(case.optimizer.state) == set(trained)
    assert all(p.grad is None for p in frozen)
    size = sum(p.numel() for p in trained) * 4
    file = case.saved / "adaptation.safetensors"
    assert size <= file.stat().st_size < size + 20_000


def test_a_saved_part_gives_the_same_model(case: Case) -> None:
    restored = case.restored()
    state = restored.state_dict()
    assert all(value.equal(state[name]) for name, value in case.model.state_dict().items())
    assert logits(restored).equal(logits(case.model))
    assert outputs(restored).equal(outputs(case.model))


def test_what_a_run_leaves_gives_the_same_model(case: Case, tmp_path: Path) -> None:
    save_model(case.method, case.restored(), tmp_path)
    assert (tmp_path / "model.safetensors").exists() == (case.method.name in PLAIN)
    loaded = load_adapted(tmp_path, case.pretrained)
    torch.testing.assert_close(logits(loaded), logits(case.model), atol=1e-4, rtol=0)
    assert outputs(loaded).equal(outputs(case.model))
    if case.method.name in PLAIN:
        plain = AutoModelForSeq2SeqLM.from_pretrained(tmp_path)
        assert type(plain) is type(load_model(case.pretrained))
        assert plain.state_dict().keys() == load_model(case.pretrained).state_dict().keys()
        assert logits(plain).equal(logits(loaded))


def test_what_is_tied_stays_tied_and_what_is_not_does_not(case: Case, tmp_path: Path) -> None:
    save_model(case.method, case.restored(), tmp_path)
    for model in (case.restored(), load_adapted(tmp_path, case.pretrained)):
        named = dict(model.named_parameters(remove_duplicate=False))
        ends = ("shared.weight", "embed_tokens.weight", "lm_head.weight")
        shared, tokens, head = (
            {p.data_ptr() for name, p in named.items() if name.endswith(end)} for end in ends
        )
        assert len(shared) == 1
        assert tokens == shared
        assert (head == shared) == (case.family != "mt5")


def outputs(model: PreTrainedModel) -> torch.Tensor:
    """Ids that a model generates, [sources, 9]."""
    model.train(False)
    ids: torch.Tensor = model.generate(
        input_ids=padded(SOURCES, 1),
        attention_mask=attention_mask(SOURCES),
        max_new_tokens=8,
        min_new_tokens=8,
    )
    return ids


def logits(model: PreTrainedModel) -> torch.Tensor:
    """Of the sources and a fixed beginning of an output, [sources, 4, pieces]."""
    model.train(False)
    with torch.no_grad():
        given: torch.Tensor = model(
            input_ids=padded(SOURCES, 1),
            attention_mask=attention_mask(SOURCES),
            decoder_input_ids=torch.tensor([[2, 212, 213, 214]] * len(SOURCES)),
            use_cache=False,
        ).logits
    return given
