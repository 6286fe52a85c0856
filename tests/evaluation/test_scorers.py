"""Scorers against the original implementations, and what every metric has to fulfil."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlsearch.errors import UserError
from xlsearch.evaluation.scorers.base import Scorer
from xlsearch.evaluation.scorers.registry import SCORERS, check_scorer, find_scorer, register_scorer
from xlsearch.evaluation.scorers.rouge2_gem import Rouge2GEM
from xlsearch.evaluation.scorers.rouge2_xlsum import STEMMED
from xlsearch.tasks.registry import TASKS

# Scores of the original scripts, kept outside of the project (some texts are non-commercial).
VECTORS = Path(__file__).parents[3] / "shared" / "data" / "metric_vectors.jsonl"
ORIGINALS = {
    "mlqa_f1": "f1-mlqa",
    "rouge2_gem_metrics": "rouge2-gem",
    "rouge2_xlsum_multilingual_stem": "rouge2-xlsum",
    "squad_f1": "f1-squad",
}
LANGUAGES_OF = {
    "mlqa_f1": ["ar", "de", "en", "es", "vi", "zh"],
    "rouge2_gem_metrics": ["ar", "de", "en", "es", "fr", "ko", "ru", "th", "vi", "zh"],
    "rouge2_xlsum_multilingual_stem": ["ar", "de", "en", "es", "fr", "ko", "ru", "th", "vi", "zh"],
    "squad_f1": ["ar", "de", "en", "es", "fr", "ro", "ru", "th", "vi", "zh"],
}

# A sentence in each language of the table, with punctuation, digits and signs.
SENTENCES = {
    "ar": "أعلنت الحكومة، يوم الثلاثاء، عن 12 قانونًا جديدًا بقيمة 5 €.",
    "de": "Die Regierung kündigte am Dienstag 12 neue Gesetze für 5 € an.",
    "en": "The government announced 12 new laws (worth 5 €) on Tuesday.",
    "es": "El gobierno anunció el martes 12 nuevas leyes: ¡5 €!",
    "fr": "Le gouvernement a annoncé mardi 12 nouvelles lois, à 5 €.",
    "ja": "政府は火曜日、新しい法律を12件（5ユーロ）発表しました。",
    "ko": "정부는 화요일에 새로운 법 12개를 5 €에 발표했다.",
    "ro": "Guvernul a anunțat marți 12 legi noi, de 5 €.",
    "ru": "Правительство объявило во вторник о 12 новых законах за 5 €.",
    "th": "รัฐบาลประกาศกฎหมายใหม่ 12 ฉบับ (5 ยูโร) เมื่อวันอังคาร",
    "vi": "Chính phủ đã công bố 12 luật mới, trị giá 5 €, hôm thứ Ba.",
    "zh": "政府星期二宣布了12项新法律（5欧元）。",
}


@pytest.fixture(scope="module")
def vectors() -> list[dict[str, Any]]:
    if not VECTORS.is_file():
        pytest.skip("no ../shared/data/metric_vectors.jsonl beside this checkout to compare with")
    return [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines()]


def score(scorer: str, language: str, prediction: str, *references: str) -> float:
    return find_scorer(scorer).score(prediction, references, language)


@pytest.mark.parametrize("original", sorted(ORIGINALS))
def test_scores_are_the_originals(original: str, vectors: list[dict[str, Any]]) -> None:
    rows = [vector for vector in vectors if vector["metric"] == original]
    assert sorted({vector["lang"] for vector in rows}) == LANGUAGES_OF[original]
    wrong = []
    for vector in rows:
        found = score(
            ORIGINALS[original], vector["lang"], vector["prediction"], *vector["references"]
        )
        if found != pytest.approx(100 * vector["score"], abs=1e-6):
            wrong.append((vector["lang"], vector["prediction"], found, 100 * vector["score"]))
    assert not wrong


# Each as worked out by hand from the rules.
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


def test_there_is_a_sentence_for_every_task_and_every_rule() -> None:
    used = {
        code
        for task in TASKS.values()
        for languages in (task.tuning_languages, task.final_languages)
        for code in languages["paper"]
    }
    assert used | STEMMED.keys() | {"ja", "ko", "th", "vi", "zh"} <= SENTENCES.keys()


@pytest.mark.parametrize("scorer", [name for name in SCORERS if name != "rouge2-gem"])
@pytest.mark.parametrize("language", SENTENCES)
def test_a_perfect_copy_scores_100(scorer: str, language: str) -> None:
    sentence = SENTENCES[language]
    assert score(scorer, language, sentence, sentence) == 100
    # And only it does.
    for other in SENTENCES.values():
        assert other == sentence or score(scorer, language, other, sentence) < 60


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "ro"])
def test_rouge2_gem_sees_latin_scripts_only(language: str) -> None:
    sentence = SENTENCES[language]
    assert score("rouge2-gem", language, sentence, sentence) == 100
    for blind in ("ru", "ko", "th"):
        unseen = re.sub("[0-9]", "", SENTENCES[blind])
        assert score("rouge2-gem", blind, unseen, unseen) == 0


@pytest.mark.parametrize("scorer", SCORERS)
@pytest.mark.parametrize("language", SENTENCES)
def test_nothing_scores_0(scorer: str, language: str) -> None:
    for nothing in ("", " ", "\n", "\x00", "!?", "\u0301", "☃"):
        assert score(scorer, language, nothing, SENTENCES[language]) == 0
        assert score(scorer, language, SENTENCES[language], nothing) == 0
    assert score(scorer, language, "", "") == 0


@pytest.mark.parametrize("scorer", [name for name in SCORERS if name != "rouge2-gem"])
def test_the_best_reference_counts(scorer: str) -> None:
    references = ["something else entirely", "the cat sat", "nothing of it"]
    assert score(scorer, "en", "the cat sat", *references) == 100


words = st.lists(
    st.sampled_from(["the", "cats", "ran", "runs", "дома", "猫", "แมว", "2", "!", "\u0301", "€"]),
    max_size=8,
)


@pytest.mark.parametrize("scorer", SCORERS)
@pytest.mark.parametrize("language", ["en", "ru", "zh", "ja", "th"])
@given(a=words.map(" ".join), b=words.map(" ".join))
def test_a_score_is_symmetric_and_within_bounds(scorer: str, language: str, a: str, b: str) -> None:
    found = score(scorer, language, a, b)
    assert 0 <= found <= 100
    assert found == pytest.approx(score(scorer, language, b, a))


@pytest.mark.parametrize("scorer", SCORERS)
@given(text=st.text(max_size=20))
def test_any_text_can_be_scored(scorer: str, text: str) -> None:
    for language in ("en", "zh", "ja", "th"):
        assert score(scorer, language, text, text) in (0, pytest.approx(100))


@pytest.mark.parametrize("scorer", SCORERS)
def test_compute_scores_each_output_and_averages(scorer: str) -> None:
    predictions = ["the cat sat", "something else", ""]
    references = [["the cat ran", "the cats sat"], ["something else"], ["a cat"]]
    computed = find_scorer(scorer).compute(
        predictions=predictions, references=references, language="en"
    )
    assert computed["scores"] == [
        score(scorer, "en", prediction, *good)
        for prediction, good in zip(predictions, references, strict=True)
    ]
    assert computed["mean"] == pytest.approx(sum(computed["scores"]) / 3)
    assert computed["scores"][1] == 100


@pytest.mark.parametrize(
    ("predictions", "references", "message"),
    [
        ([], [], "no predictions"),
        (None, None, "no predictions"),
        (["a", "b"], [["a"]], "2 predictions but 1 lists"),
        (["a", "b"], [["a"], []], "prediction 2"),
        (["a"], ["a"], "prediction 1"),
    ],
)
def test_compute_refuses_what_has_no_score(
    predictions: list[str] | None, references: list[list[str]] | None, message: str
) -> None:
    scorer = find_scorer("f1-squad")
    with pytest.raises(UserError, match=message):
        scorer.compute(predictions=predictions, references=references, language="en")
    # And what it refused is not in the next result.
    computed = scorer.compute(predictions=["a b"], references=[["a b"]], language="en")
    assert computed["scores"] == [100]


def test_scoring_leaves_nothing_in_the_home_folder(tmp_path: Path) -> None:
    code = f"""
from xlsearch.evaluation.scorers.registry import SCORERS, find_scorer
for name in SCORERS:
    for language, text in {SENTENCES!r}.items():
        find_scorer(name).compute(predictions=[text], references=[[text]], language=language)
print(sum(1 for name in SCORERS))
"""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    environment.update(HOME=str(tmp_path), PYTHONPATH=str(Path(__file__).parents[2]))
    environment.pop("XDG_CACHE_HOME", None)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == f"{len(SCORERS)}\n", done.stderr
    assert list(tmp_path.rglob("*")) == []


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that is as it was after the test."""
    import xlsearch.evaluation.scorers.registry as module

    monkeypatch.setattr(module, "SCORERS", dict(module.SCORERS))
    monkeypatch.setattr(module, "_LOADED", {})


class Length(Scorer):
    name = "length"

    def score(self, prediction: str, references: Any, language: str) -> float:
        return 100.0 * (len(prediction) == len(references[0]))


@pytest.mark.usefixtures("registry")
def test_a_scorer_can_be_added() -> None:
    with pytest.raises(UserError, match="unknown scorer 'length'"):
        find_scorer("length")
    register_scorer("length", Length)
    register_scorer("length", Length)
    assert check_scorer("length") == "length"
    computed = find_scorer("length").compute(
        predictions=["ab", "c"], references=[["xy"], ["xyz"]], language="en"
    )
    assert computed == {"mean": 50.0, "scores": [100.0, 0.0]}


@pytest.mark.usefixtures("registry")
def test_a_scorer_can_be_added_by_its_place() -> None:
    place = f"{Rouge2GEM.__module__}:{Rouge2GEM.__qualname__}"
    register_scorer("rouge2-gem", place)
    register_scorer("rouge2-gem", Rouge2GEM)
    assert isinstance(find_scorer("rouge2-gem"), Rouge2GEM)


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    ("name", "scorer", "message"),
    [
        ("f1-squad", Length, "'f1-squad' is already .*F1Squad; .*Length needs another name"),
        ("mine", "no_such_module:Mine", "'mine' can't be loaded from no_such_module:Mine"),
        ("mine", "xlsearch.errors:Mine", "can't be loaded"),
        ("mine", "xlsearch.errors", "can't be loaded"),
        ("mine", "xlsearch.errors:UserError", "no subclass"),
        ("mine", Length, "must be 'mine' too"),
    ],
)
def test_a_scorer_that_can_not_be_added(name: str, scorer: Any, message: str) -> None:
    def add() -> None:
        register_scorer(name, scorer)
        find_scorer(name)

    with pytest.raises(UserError, match=message):
        add()


def test_an_unknown_scorer_names_the_nearest() -> None:
    with pytest.raises(UserError, match="did you mean 'rouge2-xlsum'"):
        check_scorer("rouge2-xlsun")


def test_names_are_checked_without_loading_the_libraries_of_metrics() -> None:
    code = (
        "import sys\n"
        "from xlsearch.evaluation.scorers.registry import check_scorer\n"
        "check_scorer('rouge2-gem')\n"
        "sys.exit(', '.join({'evaluate', 'rouge_score', 'torch'} & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
