"""``xlsearch score``: scores of files, as the original implementations give them, and bad input."""

from __future__ import annotations

import functools
import gzip
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xlsearch.languages import LANGUAGES
from xlsearch.languages.identification import LanguageIdentifier, default_model
from xlsearch.service.score import read_outputs, score_outputs

from .conftest import CommandLine, assert_one_sentence

Score = Callable[..., subprocess.CompletedProcess[str]]

# Outputs of real models with corpus scores of the original scripts, kept outside of the project.
DATA = Path(__file__).parents[3] / "shared" / "data"
OPTIONS = ("--scorer", "f1-squad", "--language", "fr")

OUTPUTS = [
    {"prediction": "Le gouvernement a annoncé une loi", "references": ["le gouvernement"]},
    {"prediction": "The law of the land", "references": ["rien", "the LAW of the land!"]},
    {"prediction": "", "references": ["rien"]},
]
# Two words in common, of two and of six, of which SQuAD takes the "a" for an English article.
SCORES = [pytest.approx(100 * 2 * 2 / (5 + 2)), 100, 0]


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert_one_sentence(done, *words)
    assert done.stdout == ""


@pytest.fixture
def score(xlsearch: CommandLine) -> Score:
    return functools.partial(xlsearch, "score")


def write(file: Path, lines: list[Any]) -> Path:
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    file.write_bytes(gzip.compress(text) if file.suffix == ".gz" else text)
    return file


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    return write(tmp_path / "outputs.jsonl", OUTPUTS)


@pytest.mark.parametrize("way", ["file", "gzip", "stdin", "apart"])
def test_a_file_is_scored(way: str, outputs: Path, tmp_path: Path, score: Score) -> None:
    arguments: tuple[str | Path, ...] = (outputs,)
    stdin = ""
    if way == "gzip":
        arguments = (write(tmp_path / "outputs.jsonl.gz", OUTPUTS),)
    elif way == "stdin":
        arguments, stdin = ("-",), outputs.read_text() + "\n\n"
    elif way == "apart":
        predictions = write(tmp_path / "p", [line["prediction"] for line in OUTPUTS])
        references = write(tmp_path / "r", [line["references"] for line in OUTPUTS])
        arguments = ("--predictions", predictions, "--references", references)
    there = sorted(tmp_path.iterdir())
    done = score(*arguments, *OPTIONS, "--json", cwd=tmp_path, stdin=stdin)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "scorer": "f1-squad",
        "language": "fr",
        "n": 3,
        "mean": pytest.approx((400 / 7 + 100) / 3),
        "language_correct_rate": pytest.approx(100 / 3),
        "mean_length": pytest.approx((33 + 19) / 3),
        "scores": SCORES,
    }
    assert sorted(tmp_path.iterdir()) == there


def test_the_lines_for_people(outputs: Path, tmp_path: Path, score: Score) -> None:
    done = score(outputs, *OPTIONS, "--lid-model", default_model(), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for word in ("f1-squad", "fr", "3 outputs", "52.38", "33.3 %", "17.3 characters"):
        assert word in done.stdout
    assert done.stderr == "scoring 3 outputs …\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_of_the_table_is_accepted(language: str, outputs: Path) -> None:
    scored = score_outputs(read_outputs(outputs), "f1-mlqa", language, LanguageIdentifier())
    assert scored["language"] == language
    assert scored["n"] == 3


# Cases of bad input: the content of the file, and what the sentence has to say.
GOOD = '{"prediction": "a", "references": ["a"]}'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ("no lines",)),
        ("\n \n", ("no lines",)),
        (f"{GOOD}\n{{", (":2: ", "broken JSON")),
        (f"{GOOD}\n\n{GOOD[:-1]}\n", (":3: ", "broken JSON")),
        ("[" * 100_000, (":1: ", "broken JSON")),
        (b"\xff\xfe{}", (":1: ", "UTF-8")),
        (f"{GOOD}\n[]", (":2: ", '"prediction"')),
        ('{"references": ["a"]}', (":1: ", "there is no 'prediction'")),
        ('{"prediction": "a"}', (":1: ", "there is no 'references'")),
        ('{"prediction": null, "references": ["a"]}', (":1: ", "'prediction' is null", "a text")),
        ('{"prediction": ["a"], "references": ["a"]}', (":1: ", "'prediction' is [", "a text")),
        ('{"prediction": "a", "references": "a"}', (":1: ", "'references' is ", "a list")),
        ('{"prediction": "a", "references": []}', (":1: ", "references", "empty")),
        (
            '{"prediction": "a", "references": ["a", 1]}',
            (":1: ", "'references' is 1", "list of texts"),
        ),
        (
            '{"prediction": "a", "references": [true]}',
            (":1: ", "'references' is true", "list of texts"),
        ),
        ('{"prediction": ' + "9" * 5000 + "}", (":1: ", "too many digits")),
        (r'{"prediction": "\ud83d", "references": ["a"]}', (":1: ", "surrogate")),
    ],
)
def test_bad_files(
    content: str | bytes, words: tuple[str, ...], tmp_path: Path, score: Score
) -> None:
    file = tmp_path / "outputs.jsonl"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    refused(score(file, *OPTIONS, cwd=tmp_path), "outputs.jsonl", *words)
    assert list(tmp_path.iterdir()) == [file]


def test_standard_input_has_lines_too(tmp_path: Path, score: Score) -> None:
    done = score("-", *OPTIONS, cwd=tmp_path, stdin=f"{GOOD}\nno")
    refused(done, "standard input:2: ", "broken JSON")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("missing.jsonl", *OPTIONS), ("missing.jsonl", "No such file")),
        ((".", *OPTIONS), ("directory",)),
        (("outputs.jsonl", "--scorer", "f1-sqad", "--language", "fr"), ("f1-sqad", "'f1-squad'")),
        (("outputs.jsonl", "--scorer", "f1-squad", "--language", "frr"), ("frr", "'fr'")),
        (("outputs.jsonl", "--scorer", "f1-squad", "--language", "french"), ("french", "fr")),
        (("outputs.jsonl", "--scorer", "f1-squad"), ("--language",)),
        (("outputs.jsonl", "--language", "fr"), ("--scorer",)),
        (OPTIONS, ("FILE", "--predictions")),
        (("--predictions", "outputs.jsonl", *OPTIONS), ("FILE", "--references")),
        (("outputs.jsonl", *OPTIONS, "--lid-model", "no.bin"), ("no.bin", "lid.176")),
        (("outputs.jsonl", *OPTIONS, "--lid-model", "."), ("folder", "lid.176")),
        (
            ("outputs.jsonl", *OPTIONS, "--lid-model", "outputs.jsonl"),
            ("outputs.jsonl", "not a fastText model", "lid.176"),
        ),
    ],
)
def test_bad_arguments(
    arguments: tuple[str, ...], words: tuple[str, ...], outputs: Path, tmp_path: Path, score: Score
) -> None:
    refused(score(*arguments, cwd=tmp_path), *words)
    assert list(tmp_path.iterdir()) == [outputs]


def test_gzip_that_is_none_or_cut_off(tmp_path: Path, score: Score) -> None:
    (tmp_path / "plain.gz").write_text(GOOD)
    refused(score("plain.gz", *OPTIONS, cwd=tmp_path), "plain.gz", "gzip")
    whole = gzip.compress(GOOD.encode() * 100)
    (tmp_path / "cut.gz").write_bytes(whole[:-12])
    refused(score("cut.gz", *OPTIONS, cwd=tmp_path), "cut.gz", "gzip")


def test_files_apart_have_lines_too(tmp_path: Path, score: Score) -> None:
    predictions = write(tmp_path / "p.jsonl", ["a", "b"])
    references = write(tmp_path / "r.jsonl", [["a"], "b"])
    done = score("--predictions", predictions, "--references", references, *OPTIONS, cwd=tmp_path)
    refused(done, "r.jsonl:2: ", "'references' is", "a list")
    done = score("--predictions", references, "--references", references, *OPTIONS, cwd=tmp_path)
    refused(done, "r.jsonl:1: ", "'prediction' is", "a text")


def test_more_predictions_than_references(tmp_path: Path, score: Score) -> None:
    predictions = write(tmp_path / "p.jsonl", ["a", "b", "c"])
    references = write(tmp_path / "r.jsonl", [["a"], ["b"]])
    done = score("--predictions", predictions, "--references", references, *OPTIONS, cwd=tmp_path)
    refused(done, "p.jsonl", "3 predictions", "r.jsonl", "2 lists of references")


def aggregate(name: str) -> dict[str, Any]:
    file = DATA / "metric_aggregates.json"
    if not file.is_file():
        pytest.skip("no ../shared/data/metric_aggregates.json beside this checkout to compare with")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))[name]
    return found


def real_outputs(name: str) -> list[dict[str, Any]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("scorer", "original"), [("rouge2-xlsum", "xlsum_french_stem"), ("rouge2-gem", "gem_metrics")]
)
def test_summaries_of_mbart_score_as_published(scorer: str, original: str, tmp_path: Path) -> None:
    expected = aggregate("orangesum_abstract_test/mbart")
    value = expected[original]
    mean = value["fmeasure"] if isinstance(value, dict) else value
    rows = [
        {"prediction": row["mbart"], "references": [row["reference"]]}
        for row in real_outputs("summ/orangesum_fr_test_predictions.jsonl.gz")
    ]
    outputs = read_outputs(write(tmp_path / "outputs.jsonl.gz", rows))
    scored = score_outputs(outputs, scorer, "fr", LanguageIdentifier())
    assert scored["n"] == expected["n"]
    assert scored["mean"] == pytest.approx(100 * mean, abs=1e-3)
    assert scored["language_correct_rate"] == pytest.approx(100 * expected["lcr_fr_lid176ftz"])


@pytest.mark.parametrize("language", ["en", "es"])
def test_answers_of_mt5_score_as_published(language: str, tmp_path: Path) -> None:
    expected = aggregate(f"xquad_CL-mt5base/{language}/all")
    rows = [
        row
        for row in real_outputs("xquad_mt5base_predictions_en_es.jsonl.gz")
        if row["lang"] == language
    ]
    outputs = read_outputs(write(tmp_path / "outputs.jsonl", rows))
    for scorer, original in {"f1-squad": "squad_f1", "f1-mlqa": "mlqa_f1"}.items():
        scored = score_outputs(outputs, scorer, language, LanguageIdentifier())
        assert scored["n"] == expected["n"]
        assert scored["mean"] == pytest.approx(expected[original])
        assert scored["scores"] == pytest.approx([100 * row[original] for row in rows])
        assert scored["language_correct_rate"] == pytest.approx(expected["lcr"])
