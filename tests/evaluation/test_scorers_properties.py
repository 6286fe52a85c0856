"""What every metric has to fulfil, in every language."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlsearch.evaluation.scorers.registry import SCORERS, find_scorer
from xlsearch.evaluation.scorers.rouge2_xlsum import STEMMED
from xlsearch.tasks.registry import TASKS

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


def score(scorer: str, language: str, prediction: str, *references: str) -> float:
    return find_scorer(scorer).score(prediction, references, language)


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
