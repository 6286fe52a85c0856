"""XLRS, against forward passes of one sentence at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, PreTrainedModel

from xlsearch.adaptation.registry import load_method
from xlsearch.adaptation.saved import trained_weights
from xlsearch.evaluation.similarity import Similarity
from xlsearch.models.families import FAMILIES
from xlsearch.models.loading import load_model, load_tokenizer

ENGLISH = ["the storm closed the station.", "why?", "many residents know the old bridge by now."]
FRENCH = ["la tempête a fermé la gare.", "pourquoi donc ?", "beaucoup connaissent le vieux pont."]
CODES = {"mbart": ("en_XX", "fr_XX"), "nllb": ("eng_Latn", "fra_Latn"), "mt5": (None, None)}


def measured(
    folder: Path,
    family: str,
    sentences: dict[str, list[str]],
    batch_tokens: int = 1000,
    model: PreTrainedModel | None = None,
) -> dict[str, float]:
    tokenizer = load_tokenizer(folder)
    similarity = Similarity(sentences, "en", FAMILIES[family], tokenizer, 256, batch_tokens)
    return similarity.measure(model or load_model(folder), "fp32")


@pytest.mark.parametrize("family", ["mbart", "mt5", "nllb"])
def test_it_is_the_mean_cosine_of_mean_states(family: str, small_models: dict[str, Path]) -> None:
    folder = small_models[family]
    model = AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)

    def mean_state(text: str, code: str | None) -> np.ndarray:
        if code is not None:
            tokenizer.src_lang = code
        ids = tokenizer(text, return_tensors="pt")["input_ids"]
        with torch.no_grad():
            outputs = model(input_ids=ids, decoder_input_ids=ids[:, :1])
        states: np.ndarray = outputs.encoder_last_hidden_state[0].double().numpy()
        return states.mean(axis=0)

    cosines = []
    for one, other in zip(ENGLISH, FRENCH, strict=True):
        a, b = (mean_state(*pair) for pair in zip((one, other), CODES[family], strict=True))
        cosines.append(a @ b / np.sqrt((a @ a) * (b @ b)))
    expected = {"fr": pytest.approx(np.mean(cosines), abs=1e-5)}
    assert max(cosines) - min(cosines) > 1e-3  # else the mean would say little
    for batch_tokens in (1, 1000):  # alone, and padded to the longest
        found = measured(folder, family, {"en": ENGLISH, "fr": FRENCH}, batch_tokens)
        assert found == expected


def test_a_sentence_is_like_itself(small_models: dict[str, Path]) -> None:
    """All the way, unless it begins with the code of another language."""
    same = {"en": ENGLISH, "fr": ENGLISH}
    assert measured(small_models["mt5"], "mt5", same)["fr"] == pytest.approx(1.0, abs=1e-6)
    assert measured(small_models["mbart"], "mbart", same)["fr"] < 0.9999


def test_the_order_of_the_pairs_does_not_matter_but_the_pairing_does(
    small_models: dict[str, Path],
) -> None:
    folder = small_models["mt5"]
    value = measured(folder, "mt5", {"en": ENGLISH, "fr": FRENCH})
    turned = measured(folder, "mt5", {"en": ENGLISH[::-1], "fr": FRENCH[::-1]})
    assert turned == pytest.approx(value, abs=1e-6)
    assert measured(folder, "mt5", {"en": ENGLISH, "fr": FRENCH[::-1]}) != pytest.approx(
        value, abs=1e-4
    )


def test_training_goes_on_as_if_nothing_was_measured(small_models: dict[str, Path]) -> None:
    """With dropout, which the measure itself goes without."""
    folder = small_models["mbart"]
    model = load_model(folder, dropout=0.5)
    quiet = measured(folder, "mbart", {"en": ENGLISH, "fr": FRENCH}, model=model.eval())
    assert not model.training
    state = torch.get_rng_state()
    assert measured(folder, "mbart", {"en": ENGLISH, "fr": FRENCH}, model=model.train()) == quiet
    assert model.training
    assert all(module.training for module in model.modules())
    assert torch.get_rng_state().equal(state)


@pytest.mark.parametrize("family", ["mbart", "mt5", "nllb"])
def test_a_soft_prompt_changes_the_states_but_has_none_of_its_own(
    family: str, small_models: dict[str, Path]
) -> None:
    """Against the plain encoder, which reads the prompt's vectors before those of a sentence."""
    folder = small_models[family]
    sentences = {"en": ENGLISH, "fr": FRENCH}
    plain, tokenizer = load_model(folder).eval(), load_tokenizer(folder)
    prompted = load_method("prompt", {"length": 4}).prepare(load_model(folder))
    (prompt,) = trained_weights(prompted).values()
    with torch.no_grad():
        prompt.mul_(3.0)
    encoder = plain.get_encoder()

    def mean_state(text: str, code: str) -> torch.Tensor:
        (row,) = FAMILIES[family].encode(tokenizer, [text], code, 256)
        vectors = torch.cat([prompt, encoder.embed_tokens(torch.tensor(row))])
        with torch.no_grad():
            states = encoder(inputs_embeds=vectors[None]).last_hidden_state
        mean: torch.Tensor = states[0, 4:].mean(0)
        return mean

    pairs = zip(ENGLISH, FRENCH, strict=True)
    means = [(mean_state(one, "en"), mean_state(other, "fr")) for one, other in pairs]
    cosines = [float(torch.cosine_similarity(*pair, dim=0)) for pair in means]
    found = measured(folder, family, sentences, model=prompted)["fr"]
    assert found == pytest.approx(np.mean(cosines), abs=1e-5)
    assert found != pytest.approx(measured(folder, family, sentences)["fr"], abs=1e-4)


def test_without_the_source_language_there_is_nothing_to_compare(
    small_models: dict[str, Path],
) -> None:
    for sentences in ({}, {"fr": FRENCH}, {"en": ENGLISH}):
        assert measured(small_models["mt5"], "mt5", sentences) == {}


def test_broken_weights_have_none(small_models: dict[str, Path]) -> None:
    model = load_model(small_models["mt5"])
    with torch.no_grad():
        next(model.get_encoder().parameters()).fill_(float("nan"))
    assert measured(small_models["mt5"], "mt5", {"en": ENGLISH, "fr": FRENCH}, model=model) == {}
