"""Generation: in order, in the language asked for, without special tokens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xlsearch.config.training import GenerationSettings
from xlsearch.evaluation.generation import generate
from xlsearch.models.families import FAMILIES
from xlsearch.models.loading import load_model, load_tokenizer
from xlsearch.tasks.base import Split
from xlsearch.tasks.registry import find_task


def sources(family: str, tokenizer: PreTrainedTokenizerBase, language: str) -> list[list[int]]:
    """Inputs of very different lengths, neither rising nor falling."""
    texts = [
        example.source
        for example in find_task("xlsum").data("pocket").load(Split.EVALUATION, "fr", 6).examples
    ]
    cropped = [text[: 20 + 37 * i % 90] for i, text in enumerate(texts)]
    return FAMILIES[family].encode(tokenizer, cropped, language, 256)


def outputs(
    family: str,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    inputs: Sequence[Sequence[int]],
    batch_tokens: int,
    language: str = "fr",
    **settings: int,
) -> list[str]:
    decoding = GenerationSettings(**{"max_new_tokens": 8, **settings})
    return generate(
        model, tokenizer, FAMILIES[family], inputs, language, decoding, batch_tokens, "fp32"
    )


class Echo(torch.nn.Module):
    """Writes its input again, after a start token."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.sizes: list[tuple[int, ...]] = []

    def generate(self, input_ids: torch.Tensor, **_: object) -> torch.Tensor:
        self.sizes.append(tuple(input_ids.shape))
        return torch.nn.functional.pad(input_ids, (1, 0), value=2)


@pytest.mark.parametrize("batch_tokens", [1, 60, 10_000])
def test_outputs_are_in_the_order_of_their_sources(
    batch_tokens: int, pretrained: dict[str, Path]
) -> None:
    tokenizer = load_tokenizer(pretrained["mbart"])
    inputs = sources("mbart", tokenizer, "fr")
    echo = Echo()
    found = outputs("mbart", echo, tokenizer, inputs, batch_tokens)  # type: ignore[arg-type]
    assert found == [tokenizer.decode(ids, skip_special_tokens=True).strip() for ids in inputs]
    assert all(rows == 1 or rows * width <= batch_tokens for rows, width in echo.sizes)
    assert len(echo.sizes) == {1: 6, 10_000: 1}.get(batch_tokens, len(echo.sizes))


@pytest.mark.parametrize("family", ["mbart", "mt5"])
@pytest.mark.parametrize("num_beams", [1, 3])
def test_batches_do_not_change_outputs(
    family: str, num_beams: int, pretrained: dict[str, Path]
) -> None:
    model, tokenizer = load_model(pretrained[family]), load_tokenizer(pretrained[family])
    inputs = sources(family, tokenizer, "fr")
    together = outputs(family, model, tokenizer, inputs, 10_000, num_beams=num_beams)
    alone = outputs(family, model, tokenizer, inputs, 1, num_beams=num_beams)
    assert together == alone


@pytest.mark.parametrize("family", ["mbart", "mt5"])
def test_outputs_hold_no_special_tokens(family: str, pretrained: dict[str, Path]) -> None:
    """A model that always writes special tokens and sentinels writes nothing."""
    model, tokenizer = load_model(pretrained[family]), load_tokenizer(pretrained[family])
    special = torch.tensor(tokenizer.all_special_ids)
    with torch.no_grad():
        head = model.get_output_embeddings()
        bias = torch.zeros(head.out_features)
        bias[special] = 1e4
        head.register_forward_hook(lambda module, arguments, logits: logits + bias)
    found = outputs(family, model, tokenizer, sources(family, tokenizer, "fr"), 10_000)
    assert found == [""] * 6


@pytest.mark.parametrize("language", ["fr", "zh"])
def test_mbart_begins_with_the_language_asked_for(
    language: str, pretrained: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, tokenizer = load_model(pretrained["mbart"]), load_tokenizer(pretrained["mbart"])
    seen: list[list[int]] = []
    decode = tokenizer.batch_decode

    def batch_decode(ids: torch.Tensor, **options: bool) -> list[str]:
        seen.extend(ids.tolist())
        return decode(ids, **options)

    monkeypatch.setattr(tokenizer, "batch_decode", batch_decode)
    outputs("mbart", model, tokenizer, sources("mbart", tokenizer, "fr"), 10_000, language)
    code = tokenizer.convert_tokens_to_ids({"fr": "fr_XX", "zh": "zh_CN"}[language])
    assert {ids[1] for ids in seen} == {code}


def test_outputs_are_as_long_as_allowed(pretrained: dict[str, Path]) -> None:
    model, tokenizer = load_model(pretrained["mt5"]), load_tokenizer(pretrained["mt5"])
    inputs = sources("mt5", tokenizer, "fr")
    short = outputs("mt5", model, tokenizer, inputs, 10_000, max_new_tokens=2)
    lengths = [len(ids) for ids in tokenizer(short, add_special_tokens=False)["input_ids"]]
    assert max(lengths) <= 2


def test_dropout_is_off(pretrained: dict[str, Path]) -> None:
    tokenizer, echo = load_tokenizer(pretrained["mbart"]), Echo()
    echo.train()
    outputs("mbart", echo, tokenizer, sources("mbart", tokenizer, "fr"), 10_000)  # type: ignore[arg-type]
    assert not echo.training


@pytest.mark.parametrize(
    ("removed", "expected"),
    [(("port", r"\."), "the air"), ((), "the airport."), (None, "the airport.")],
)
def test_what_the_settings_name_is_removed_from_outputs(
    removed: tuple[str, ...] | None, expected: str, pretrained: dict[str, Path]
) -> None:
    tokenizer, family = load_tokenizer(pretrained["mbart"]), FAMILIES["mbart"]
    ids = family.encode(tokenizer, ["the airport."], "en", 256)
    decoding = GenerationSettings(max_new_tokens=8, removed_tokens=removed)
    found = generate(Echo(), tokenizer, family, ids, "en", decoding, 100, "fp32")  # type: ignore[arg-type]
    assert found == [expected]


def test_the_language_code_is_forced_only_if_asked_for(pretrained: dict[str, Path]) -> None:
    tokenizer = load_tokenizer(pretrained["mbart"])
    told: list[dict[str, object]] = []

    class Listening(Echo):
        def generate(self, input_ids: torch.Tensor, **options: object) -> torch.Tensor:
            told.append(options)
            return super().generate(input_ids)

    ids = FAMILIES["mbart"].encode(tokenizer, ["the airport."], "en", 256)
    for force in (True, False):
        decoding = GenerationSettings(max_new_tokens=8, force_language_code=force)
        generate(Listening(), tokenizer, FAMILIES["mbart"], ids, "fr", decoding, 100, "fp32")  # type: ignore[arg-type]
    assert told[0]["forced_bos_token_id"] == tokenizer.convert_tokens_to_ids("fr_XX")
    assert "forced_bos_token_id" not in told[1]
