"""Scores as worked out by hand from the rules of each metric."""

from __future__ import annotations

import pytest

from xlsearch.evaluation.scorers.registry import find_scorer


def score(scorer: str, language: str, prediction: str, *references: str) -> float:
    return find_scorer(scorer).score(prediction, references, language)


@pytest.mark.parametrize(
    ("language", "prediction", "reference", "expected"),
    [
        ("en", "the cat sat", "the cat ran", 50.0),
        ("en", "the cats walked", "the cat walks", 100.0),
        ("en", "its tail wagged", "it tails wagging", 50.0),  # "its" stays
        ("en", "The, cat. SAT!", "the cat sat", 100.0),
        ("ru", "новые дома проданы", "новый дом построен", 50.0),
        ("ko", "서울에서 회의 열려", "서울에서 회의 끝나", 50.0),
        ("en", "word", "word", 0.0),  # one word has no bigram
        ("en", "in 3km", "in 3 km", 100.0),  # digits and letters come apart
        ("en", "at 20°", "at 20 °", 100.0),  # signs are words
        ("en", "at 20€€", "at 20 €", 80.0),  # each by itself
        ("en", "no$ex^it", "no ex it", 100.0),  # but those of ASCII are punctuation
        ("en", "x² y", "x ² y", 100.0),
        ("en", "ten 北京市", "ten 北 京 市", 100.0),  # ideographs are words of their own
        ("ko", "서울 漢字", "서울 漢 字", 100.0),
        ("fr", "mon cœ\u200dur", "mon cœur", 100.0),  # invisible characters go
        ("fr", "mon cœur\ufffd \x00", "mon cœur", 100.0),
        ("fr", "un\u00a0mot\u2028ici", "un mot ici", 100.0),  # all white space is white space
        ("vi", "ve\u0302\u0301t xe", "ve\u0302t xe", 0.0),  # a mark is part of its word
        ("zh", "我们，他们", "我们 他们", 100.0),  # what is left of punctuation is a space
        ("zh", "我们，他们", "我们他们", 0.0),  # which counts as a word
        ("zh", "我们他们。", "我们他们", 100.0),  # except at an end
        ("th", "รัก, แมว", "รัก แมว", 100.0),
        ("ja", "猫が好き！", "猫が好き", 100.0),
        ("ja", "猫が好き", "犬が好き", 50.0),  # 猫 が 好き: one of two bigrams
    ],
)
def test_rouge2_xlsum_by_hand(
    language: str, prediction: str, reference: str, expected: float
) -> None:
    assert score("rouge2-xlsum", language, prediction, reference) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("prediction", "references", "expected"),
    [
        ("the cats walked", ["the cat walks"], 100.0),
        ("a b-c", ["A, b c!"], 100.0),
        ("le été", ["le t"], 100.0),  # é is a space
        ("новые дома", ["новые дома"], 0.0),  # nothing is left
        ("we don't know", ["we do n t know"], 100.0),
        ("we don't", ["we don t"], 100.0),  # not at the very end
        ("we DON'T know", ["we don t know"], 100.0),  # nor in capitals
        ("it won’t.", ["it wo n t"], 100.0),
        ("I cannot go", ["i can not go"], 100.0),
        ("cannot go", ["cannot go"], 100.0),
        ("cannot go now", ["can not go now"], 40.0),  # nor at the very start
        ("(cannot) go", ["can not go"], 100.0),
        ("they're gonna win", ["they re gon na win"], 100.0),
        # Several references: the best of all but one, averaged over which one is left out.
        ("a b c", ["a b c", "x y z"], 50.0),
        ("a b c", ["a b c", "a b x", "x y z"], (100 + 100 + 50) / 3),
        ("a b c", ["a b c", "a b c", "x y z"], 100.0),
    ],
)
def test_rouge2_gem_by_hand(prediction: str, references: list[str], expected: float) -> None:
    assert score("rouge2-gem", "en", prediction, *references) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("language", "prediction", "reference", "expected"),
    [
        ("en", "the Eiffel Tower!", "Eiffel tower", 100.0),
        ("en", "in the Eiffel Tower", "Eiffel Tower", 80.0),
        ("en", "“the” tower", "“ ” tower", 100.0),  # an article becomes a space
        ("en", "tower tower", "tower", 200 / 3),
        ("es", "la torre", "torre", 200 / 3),  # only English articles go
        ("zh", "埃菲尔铁塔", "埃菲尔", 0.0),  # one token each
        ("zh", "埃菲尔。", "埃菲尔", 0.0),  # only ASCII punctuation goes
        ("en", "", "tower", 0.0),
        ("en", "the", "a", 0.0),  # nothing is left of either
    ],
)
def test_f1_squad_by_hand(language: str, prediction: str, reference: str, expected: float) -> None:
    assert score("f1-squad", language, prediction, reference) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("language", "prediction", "reference", "expected"),
    [
        ("en", "“the” tower", "tower", 100.0),  # punctuation of every script goes
        ("en", "the tower of a king", "tower of king", 100.0),
        ("en", "5 $ + 2", "5 2", 100.0),  # and the signs of ASCII
        ("en", "5 €", "5", 200 / 3),  # but no others
        ("es", "la torre de los reyes", "torre de reyes", 100.0),
        ("es", "the torre", "torre", 200 / 3),
        ("de", "das Haus des Königs", "Haus Königs", 100.0),
        ("de", "derzeit", "zeit", 0.0),  # articles are whole words
        ("vi", "những con mèo", "con mèo", 100.0),
        ("ar", "القلعة", "قلعة", 100.0),
        ("ar", "والقلعة", "و قلعة", 100.0),  # inside of a word as well
        ("zh", "埃菲尔铁塔", "埃菲尔", 75.0),  # a character is a token
        ("zh", "《NFL 联盟》", "nfl联盟", 100.0),
        ("zh", "2024年", "2024 年", 100.0),
        ("ru", "the башня", "башня", 200 / 3),  # a language without articles
        ("th", "หอไอเฟล", "หอ", 0.0),  # one token each
        ("en", "", "", 0.0),
    ],
)
def test_f1_mlqa_by_hand(language: str, prediction: str, reference: str, expected: float) -> None:
    assert score("f1-mlqa", language, prediction, reference) == pytest.approx(expected)
