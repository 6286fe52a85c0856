"""Pairs made of plain text: what is asked for is in the passage, and nothing is lost or added."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from xlsearch.config.run import TrainingPart
from xlsearch.languages.sentences import split_sentences
from xlsearch.models.families import FAMILIES
from xlsearch.models.loading import load_tokenizer
from xlsearch.runs.content import ContentStore
from xlsearch.tasks.texts import PocketTexts
from xlsearch.training.objectives import OBJECTIVES
from xlsearch.training.parts import PartEncoder, part_examples
from xlsearch.training.passages import Passages
from xlsearch.training.prefix_lm import prefix_lm
from xlsearch.training.random_sentences import random_sentences

TEXTS = {code: PocketTexts().load(code, 40) for code in ("fr", "zh", "ru")}


def passages(family: str, folder: Path, language: str, limit: int = 60) -> Passages:
    return Passages(FAMILIES[family], load_tokenizer(folder), language, limit)


@pytest.mark.parametrize("family", ["mbart", "mt5", "nllb"])
@pytest.mark.parametrize("language", TEXTS)
def test_beginning_and_end_are_the_passage(
    family: str, language: str, small_models: dict[str, Path]
) -> None:
    """Both framed by the family's special tokens, as ``Family.encode`` would lay out a text."""
    view = passages(family, small_models[family], language)
    before, after = view.family.layout(view.tokenizer, language)
    sources, labels = prefix_lm(TEXTS[language], 0, view)
    encoded = view.family.encode(view.tokenizer, TEXTS[language], language, view.limit)
    assert max(map(len, encoded)) == view.limit  # some were cut
    shares = []
    for source, label, whole in zip(sources, labels, encoded, strict=True):
        for ids in (source, label):
            assert ids[: len(before)] == before
            assert ids[-1:] == after
        begin, end = (ids[len(before) : -1] for ids in (source, label))
        assert [*before, *begin, *end, *after] == whole
        shares.append(len(begin) / len(begin + end))
    assert 0.2 < min(shares) < 0.4 < 0.6 < max(shares) < 0.8
    assert len({round(share, 2) for share in shares}) > 10


def test_a_passage_is_split_at_a_word(small_models: dict[str, Path]) -> None:
    view = passages("mbart", small_models["mbart"], "fr")
    _, labels = prefix_lm(TEXTS["fr"], 0, view)
    first = view.tokenizer.convert_ids_to_tokens([label[1] for label in labels])
    assert all(piece.startswith("▁") for piece in first)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_texts_number_decides_and_not_its_company(
    objective: str, small_models: dict[str, Path]
) -> None:
    make = OBJECTIVES[objective]
    view = passages("mbart", small_models["mbart"], "ru")
    sources, labels = make(TEXTS["ru"], 0, view)
    some = make(TEXTS["ru"][10:15], 10, view)
    assert some == (sources[10:15], labels[10:15])
    assert make(["", "a"], 0, view)[0] in ([], [view.sequence(view.pieces(["a"])[0])])


@pytest.mark.parametrize("language", TEXTS)
def test_random_sentences_are_the_texts_in_their_order(
    language: str, small_models: dict[str, Path]
) -> None:
    view = passages("mt5", small_models["mt5"], language, limit=500)

    def read(text: str) -> str:
        """As the model reads it, without spaces."""
        return "".join(view.tokenizer.decode(view.pieces([text])[0]).split())

    sources, labels = random_sentences(TEXTS[language], 0, view)
    places = set()
    for text, source, label in zip(TEXTS[language], sources, labels, strict=True):
        assert source == view.sequence(view.pieces([text])[0])
        sentences = [read(sentence) for sentence in split_sentences(text)]
        asked = "".join(view.tokenizer.decode(label[:-1]).split())
        count = max(1, round(0.2 * len(sentences)))
        in_order = itertools.combinations(range(len(sentences)), count)
        found = [c for c in in_order if "".join(sentences[i] for i in c) == asked]
        assert found
        places.update(found[0])
    assert len(places) > 3


def test_random_sentences_read_no_more_than_the_model_does(small_models: dict[str, Path]) -> None:
    view = passages("mt5", small_models["mt5"], "fr", limit=40)
    sources, labels = random_sentences(TEXTS["fr"], 0, view)
    assert max(map(len, sources + labels)) <= 40
    for source, label in zip(sources, labels, strict=True):
        assert " ".join(map(str, label[:-1])) in " ".join(map(str, source))


def test_parts_are_encoded_once_and_held_out_texts_are_left_out(
    small_models: dict[str, Path], tmp_path: Path
) -> None:
    encoded: list[int] = []
    encoder = PartEncoder(
        ContentStore(tmp_path),
        FAMILIES["mbart"],
        load_tokenizer(small_models["mbart"]),
        "small",
        60,
        PocketTexts(),
        on_encoded=lambda done, all: encoded.append(done),
    )
    part = TrainingPart(kind="text", language="fr", weight=0.01, data="pages")
    whole = part_examples(encoder, part, 12)
    again = part_examples(encoder, part, 12)
    most = encoder.text_pairs("fr", 12, held_out=3)
    assert encoded == [12, 9]
    assert len(whole) == len(again) == 12
    assert [most.labels(i).tolist() for i in range(len(most))] == [
        whole.labels(i).tolist() for i in range(9)
    ]
