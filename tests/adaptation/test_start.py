"""What the methods' own parts are before the first step: nothing, or pieces of the vocabulary."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import PreTrainedModel

from xlsearch.adaptation.registry import load_method
from xlsearch.adaptation.saved import trained_weights
from xlsearch.models.families import FAMILIES
from xlsearch.models.loading import load_model
from xlsearch.models.padding import attention_mask, padded

SOURCES = [[200, 201, 202, 203, 2], [204, 205, 2]]


def prepared(method: str, folder: Path, seed: int = 0, **numbers: int) -> PreTrainedModel:
    torch.manual_seed(seed)
    return load_method(method, numbers).prepare(load_model(folder)).train(False)


def logits(model: PreTrainedModel, sources: list[list[int]]) -> torch.Tensor:
    with torch.no_grad():
        given: torch.Tensor = model(
            input_ids=padded(sources, 1),
            attention_mask=attention_mask(sources),
            decoder_input_ids=torch.tensor([[2, 212, 213]] * len(sources)),
            use_cache=False,
        ).logits
    return given


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("method", ["adapters", "lora"])
def test_added_parts_change_nothing(
    method: str, family: str, small_models: dict[str, Path]
) -> None:
    untouched = load_model(small_models[family])
    model = prepared(method, small_models[family])
    torch.testing.assert_close(
        logits(model, SOURCES), logits(untouched, SOURCES), atol=1e-5, rtol=0
    )


@pytest.mark.parametrize("family", ["mbart", "nllb"])
def test_adapters_stand_before_the_residual(family: str, small_models: dict[str, Path]) -> None:
    """A bottleneck that adds a constant is a change of the bias of the layer before it."""
    adapted, plain = prepared("adapters", small_models[family]), load_model(small_models[family])
    ends = [name for name, _ in adapted.named_modules() if name.endswith(".adapter")]
    with torch.no_grad():
        for number, name in enumerate(ends):
            adapted.get_submodule(name).up.bias.fill_(0.1 * number)
            plain.get_submodule(name.removesuffix(".adapter")).bias.add_(0.1 * number)
    torch.testing.assert_close(logits(adapted, SOURCES), logits(plain, SOURCES))
    assert not torch.allclose(
        logits(plain, SOURCES), logits(load_model(small_models[family]), SOURCES)
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_every_adapter_is_used_in_training_and_in_generation(
    family: str, small_models: dict[str, Path]
) -> None:
    model = prepared("adapters", small_models[family])
    used = []
    adapters = [module for name, module in model.named_modules() if name.endswith(".adapter")]
    for adapter in adapters:
        adapter.register_forward_hook(lambda module, given, output: used.append(module))
    logits(model, SOURCES)
    assert {id(module) for module in used} == {id(adapter) for adapter in adapters}
    assert len(used) == len(adapters)
    used.clear()
    model.generate(input_ids=padded(SOURCES, 1), max_new_tokens=3, min_new_tokens=3)
    assert {id(module) for module in used} == {id(adapter) for adapter in adapters}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_prompt_starts_as_pieces_before_the_input(
    family: str, small_models: dict[str, Path]
) -> None:
    """The same as a plain model that reads these pieces before each source."""
    plain, model = load_model(small_models[family]), prepared("prompt", small_models[family], 3)
    (prompt,) = trained_weights(model).values()
    matrix = plain.get_encoder().embed_tokens(torch.arange(plain.config.vocab_size))
    equal = (prompt[:, None] == matrix[None]).all(-1)
    assert equal.any(dim=1).all()
    pieces = equal.int().argmax(dim=1).tolist()
    assert len(set(pieces)) > 50
    before = [[*pieces, *source] for source in SOURCES]
    torch.testing.assert_close(logits(model, SOURCES), logits(plain, before), atol=1e-5, rtol=0)
    ids, mask = padded(SOURCES, 1), attention_mask(SOURCES)
    whole, whole_mask = padded(before, 1), attention_mask(before)
    assert model.generate(input_ids=ids, attention_mask=mask, max_new_tokens=8).equal(
        plain.generate(input_ids=whole, attention_mask=whole_mask, max_new_tokens=8)
    )


@pytest.mark.parametrize("method", ["adapters", "prompt", "lora"])
def test_the_seed_decides_the_start(method: str, small_models: dict[str, Path]) -> None:
    first, again, other = (
        torch.nn.utils.parameters_to_vector(
            trained_weights(prepared(method, small_models["mt5"], seed)).values()
        )
        for seed in (0, 0, 1)
    )
    assert first.equal(again)
    assert not first.equal(other)


def test_numbers_of_a_method(small_models: dict[str, Path]) -> None:
    """Of its own, at width 32 and two layers a half."""

    def trained(method: str, **numbers: int) -> int:
        weights = trained_weights(prepared(method, small_models["mt5"], **numbers))
        return sum(weight.numel() for weight in weights.values())

    assert trained("prompt", length=8) == 8 * 32
    assert trained("adapters", dimension=8) == 10 * (2 * 8 * 32 + 8 + 32)
    assert 8 * trained("lora", rank=2) == trained("lora", rank=16)
