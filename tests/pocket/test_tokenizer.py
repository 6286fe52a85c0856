"""Tokenizers: whole words, lossless on the world's text, loadable by the Auto class."""

from pathlib import Path

import pytest
from transformers import AutoTokenizer

from xlsearch.pocket.examples import task_examples
from xlsearch.pocket.languages import LANGUAGES
from xlsearch.pocket.tokenizer import build_tokenizer

FAMILIES = ("mbart", "mt5")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_text_survives_encoding_and_decoding(family: str, code: str) -> None:
    tokenizer = build_tokenizer(family)
    texts = [example.source for example in task_examples("xquad", "test", code, 50)]
    encoded = tokenizer(texts)["input_ids"]
    assert tokenizer.batch_decode(encoded, skip_special_tokens=True) == texts
    assert all(tokenizer.unk_token_id not in ids for ids in encoded)


@pytest.mark.parametrize("family", FAMILIES)
def test_words_are_whole_pieces(family: str) -> None:
    tokenizer = build_tokenizer(family)
    assert tokenizer.tokenize("judge smith bought the airport.") == [
        *("▁judge", "▁smith", "▁bought", "▁the", "▁airport", "."),
    ]
    assert tokenizer.tokenize("판사는")[0] == "▁판사"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_saved_tokenizer_loads_as_the_same(family: str, tmp_path: Path) -> None:
    built = build_tokenizer(family)
    built.save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    text = task_examples("xlsum", "test", "zh", 1)[0].source
    assert type(loaded) is type(built)
    assert loaded(text)["input_ids"] == built(text)["input_ids"]


def test_special_tokens_stand_where_the_real_ones_stand() -> None:
    mbart, mt5 = build_tokenizer("mbart"), build_tokenizer("mt5")
    assert mbart.convert_tokens_to_ids(["<s>", "<pad>", "</s>", "<unk>"]) == [0, 1, 2, 3]
    assert mt5.convert_tokens_to_ids(["<pad>", "</s>", "<unk>"]) == [0, 1, 2]
    assert mbart("paris")["input_ids"][0] == mbart.convert_tokens_to_ids("en_XX")
    assert mt5.convert_tokens_to_ids("<extra_id_0>") == len(mt5) - 1
