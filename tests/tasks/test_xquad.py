"""XQuAD and SQuAD from their official files: what is read, what counts, what is left out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from xlsearch.config.sources import Sources
from xlsearch.errors import UserError
from xlsearch.languages.identification import default_model
from xlsearch.models.families import FAMILIES
from xlsearch.models.loading import load_tokenizer
from xlsearch.runs.content import ContentStore
from xlsearch.tasks.base import Split, TaskData
from xlsearch.tasks.registry import find_task
from xlsearch.training.encoded import encoded_examples

from .conftest import GERMAN, asked, nested, write, write_lines

TASK = find_task("xquad")
SHARED = Path(__file__).parents[3] / "shared" / "data"

# The figures of the paper's languages, counted with lid.176.ftz.
KEPT = {"zh": 633, "de": 595, "es": 592, "ru": 865, "ar": 919}

needs_shared = pytest.mark.skipif(
    not (SHARED / "xquad").is_dir(), reason=f"the official files are not at {SHARED}"
)


def data(folder: Path, lid_model: Path | None = None) -> TaskData:
    return TASK.data("paper", Sources(data_dir=folder, lid_model=lid_model))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A German and an English evaluation file, and a training set that shares a question."""
    write(tmp_path / "xquad.de.json.gz", nested(GERMAN))
    write(tmp_path / "xquad.en.json", nested([asked("good", ["the old castle on the hill"])]))
    train = [asked("t1", ["1850"]), asked("good", ["castle"]), asked("t2", ["a", "b"])]
    write(tmp_path / "squad" / "train-v1.1.json", nested(train))
    return tmp_path


def test_what_counts(folder: Path) -> None:
    found = data(folder).load(Split.EVALUATION, "de")
    assert [example.id for example in found.examples] == ["good", "also"]
    assert found.total == 5
    assert found == data(folder).load(Split.TEST, "de")


def test_an_example_is_paragraph_and_question(folder: Path) -> None:
    example = data(folder).load(Split.EVALUATION, "de").examples[1]
    assert example.source == "A paragraph. What is also?"
    assert example.ending == "What is also?"
    assert example.references == ("eine kleine Stadt", "die Stadt")


def test_the_limit_counts_what_is_kept(folder: Path) -> None:
    found = data(folder).load(Split.EVALUATION, "de", 1)
    assert (len(found.examples), found.total) == (1, 1)
    found = data(folder).load(Split.TRAIN, "en", 2)
    assert [example.id for example in found.examples] == ["t1", "t2"]
    assert found.total == 3


def test_training_goes_without_the_evaluation_questions(folder: Path) -> None:
    """XQuAD is made of SQuAD's questions; digits and language do not matter in training."""
    found = data(folder).load(Split.TRAIN, "en")
    assert [example.id for example in found.examples] == ["t1", "t2"]
    assert found.total == 3


def test_which_languages_and_splits_are_there(folder: Path) -> None:
    found = data(folder)
    assert found.languages() == found.languages(Split.TEST) == ("de", "en")
    assert found.languages(Split.TRAIN) == ("en",)
    assert found.splits("en") == (Split.TRAIN, Split.EVALUATION)
    assert found.splits("de") == (Split.EVALUATION,)
    assert found.splits("fr") == found.splits("zh") == ()


def test_the_languages_are_those_of_the_paper() -> None:
    assert set(TASK.tuning_languages["paper"]) == {"th", "ro", "vi"}
    assert set(TASK.final_languages["paper"]) == {"ar", "zh", "de", "ru", "es"}


@pytest.mark.parametrize(
    "name", ["squad_v11.jsonl", "squad-small.jsonl.gz", "squad.json", "below/squad.json.gz"]
)
def test_flat_training_files(name: str, tmp_path: Path) -> None:
    rows = [asked("a", ["x", "y"]), asked("b", ["z"])]
    write_lines(tmp_path / name, rows)
    first, second = data(tmp_path).load(Split.TRAIN, "en").examples
    assert (first.id, first.references, first.ending) == ("a", ("x", "y"), "What is a?")
    assert second.source == "A paragraph. What is b?"


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("form", ["list", "data"])
def test_flat_questions_in_one_document(form: str, indent: int | None, tmp_path: Path) -> None:
    rows = [asked("a", ["x"]), {**asked("b", []), "id": 7, "answers": ["y", "z"]}]
    document = rows if form == "list" else {"data": rows, "version": "1.1"}
    write(tmp_path / "squad.json", json.dumps(document, indent=indent))
    first, second = data(tmp_path).load(Split.TRAIN, "en").examples
    assert (first.id, first.references) == ("a", ("x",))
    assert (second.id, second.references) == ("7", ("y", "z"))


@pytest.mark.parametrize("indent", [None, 2])
def test_nested_training_files(indent: int | None, tmp_path: Path) -> None:
    text = json.dumps(json.loads(nested([asked("a", ["x"])])), indent=indent)
    write(tmp_path / "squad_train.json", text)
    assert data(tmp_path).load(Split.TRAIN, "en").examples[0].id == "a"


def test_squads_own_training_set_is_preferred(folder: Path) -> None:
    write_lines(folder / "squad_other.jsonl", [asked("o", ["x"])])
    assert data(folder).load(Split.TRAIN, "en").examples[0].id == "t1"
    (folder / "squad" / "train-v1.1.json").unlink()
    assert data(folder).load(Split.TRAIN, "en").examples[0].id == "o"
    write_lines(folder / "squad_third.jsonl", [asked("o", ["x"])])
    with pytest.raises(UserError, match=r"trained on\? .*squad_other.*squad_third"):
        data(folder).load(Split.TRAIN, "en")


def test_the_fingerprint_is_of_all_that_decides(folder: Path, tmp_path: Path) -> None:
    first = data(folder).fingerprint(("en", "de"))
    assert data(folder).fingerprint(("en", "de"), Split.TEST) == first
    seen = {first, data(folder).fingerprint(("en",))}
    shutil.copy(default_model(), tmp_path / "other.ftz")
    assert data(folder, tmp_path / "other.ftz").fingerprint(("en", "de")) == first
    with (tmp_path / "other.bin").open("wb") as file:
        file.write(default_model().read_bytes() + b"0")
    seen.add(data(folder, tmp_path / "other.bin").fingerprint(("en", "de")))
    # A file of no language that is asked for, but training goes without its questions.
    write(folder / "xquad.ru.json", nested([asked("t1", ["замок"])]))
    seen.add(data(folder).fingerprint(("en", "de")))
    write(folder / "xquad.de.json.gz", nested(GERMAN[:1]))
    seen.add(data(folder).fingerprint(("en", "de")))
    write(folder / "squad" / "train-v1.1.json", nested([asked("t3", ["a"])]))
    seen.add(data(folder).fingerprint(("en", "de")))
    assert len(seen) == 6


def test_the_training_set_has_a_name_of_its_own(folder: Path, tmp_path: Path) -> None:
    first = data(folder).training_fingerprint("en")
    # Neither the filter's model nor what an evaluation question says has a part in it.
    with (tmp_path / "other.bin").open("wb") as file:
        file.write(default_model().read_bytes() + b"0")
    assert data(folder, tmp_path / "other.bin").training_fingerprint("en") == first
    renamed = [{**row, "question": "Was?"} for row in GERMAN]
    write(folder / "xquad.de.json.gz", nested(renamed))
    assert data(folder).training_fingerprint("en") == first
    write(folder / "xquad.ru.json", nested([asked("t1", ["замок"])]))
    seen = {first, data(folder).training_fingerprint("en")}
    write(folder / "squad" / "train-v1.1.json", nested([asked("t3", ["a"])]))
    seen.add(data(folder).training_fingerprint("en"))
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x", "", r"no xquad\.de\.json, here or in the 2 folder levels below"),
        ("xquad.de.json", "{", r"xquad\.de\.json:1: broken JSON \(.*, column 2\)"),
        ("xquad.de.json", nested(GERMAN)[:-1], r"json:1: broken JSON \(.*, column \d{3}"),
        ("xquad.de.json", '{\n"data": [\n}', r"xquad\.de\.json:3: broken JSON"),
        ("xquad.de.json", "{}", r"xquad\.de\.json:1: there is no 'context'; there is nothing"),
        ("xquad.de.json", "9" * 5000, r"xquad\.de\.json:1: broken JSON"),
        ("xquad.de.json", "3", r"xquad\.de\.json: should be a JSON object, or a list"),
        ("xquad.de.json", "", r"xquad\.de\.json has no questions"),
        ("xquad.de.json", "[]", r"xquad\.de\.json has no questions"),
        ("xquad.de.json", '{"data": [{"paragraphs": [{}]}]}', r"\[0\], paragraphs\[0\]: .*context"),
        ("xquad.de.json", '{"data": 1}', "'data' is 1 and should be a list"),
        ("xquad.de.json", '{"data": []}', r"xquad\.de\.json has no questions"),
        ("xquad.de.json", nested(GERMAN[1:4]), r"none of its 3 questions .* identified as de"),
        ("xquad.de.json", nested([asked("a", [])]), r"qas\[0\]: the question has no answer"),
        ("xquad.de.json.gz", nested(GERMAN).replace('"question"', '"q"'), "no 'question'"),
    ],
)
def test_errors_name_the_file(name: str, content: str, words: str, tmp_path: Path) -> None:
    write(tmp_path / name, content)
    with pytest.raises(UserError, match=words):
        data(tmp_path).load(Split.EVALUATION, "de")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"id": "a", "question": "b", "answers": {"text": ["c"]}}', ":1: there is no 'context'"),
        ('{"id": "a", "context": "b", "answers": {"text": ["c"]}}', ":1: there is no 'question'"),
        ('{"id": "a", "context": "b", "question": "c", "answers": {}}', ":1, answers: .*'text'"),
        ('{"id": 1.5, "context": "b", "question": "c", "answers": ["d"]}', ":1: 'id' is 1.5"),
        ('{"id": 1, "context": "b", "question": "c", "answers": ["d", 2]}', "list of texts"),
        ('{"id": 1, "context": "b", "question": "c", "answers": []}', ":1: .* has no answer"),
    ],
)
@pytest.mark.parametrize("name", ["squad.jsonl", "squad.json"])
def test_errors_of_flat_files(content: str, words: str, name: str, tmp_path: Path) -> None:
    write(tmp_path / name, content)
    with pytest.raises(UserError, match=words):
        data(tmp_path).load(Split.TRAIN, "en")


def test_errors_of_the_training_set(folder: Path) -> None:
    with pytest.raises(UserError, match="no training set in de"):
        data(folder).load(Split.TRAIN, "de")
    write(folder / "squad" / "train-v1.1.json", nested([asked("good", ["a"])]))
    with pytest.raises(UserError, match="none of its 1 questions is not also in XQuAD"):
        data(folder).load(Split.TRAIN, "en")
    (folder / "squad" / "train-v1.1.json").unlink()
    with pytest.raises(UserError, match=r"train-v1\.1\.json, or a squad\*"):
        data(folder).load(Split.TRAIN, "en")


def test_a_language_that_xquad_does_not_have(folder: Path) -> None:
    with pytest.raises(UserError, match="XQuAD has no French; valid: ar, de"):
        data(folder).load(Split.EVALUATION, "fr")


def test_a_filter_that_is_no_model(folder: Path) -> None:
    no_model = write(folder / "no.ftz", "this is no model")
    with pytest.raises(UserError, match="not a fastText model"):
        data(folder, no_model).load(Split.EVALUATION, "de")


@needs_shared
@pytest.mark.parametrize("language", sorted(KEPT))
def test_the_official_files_give_the_known_counts(language: str) -> None:
    found = data(SHARED / "xquad").load(Split.EVALUATION, language)
    assert (found.total, len(found.examples)) == (1190, KEPT[language])


@needs_shared
def test_all_languages_of_the_official_files() -> None:
    languages = data(SHARED / "xquad").languages()
    assert " ".join(languages) == "ar de el en es hi ro ru th tr vi zh"


@needs_shared
def test_squads_development_set_without_xquad() -> None:
    """The questions that another look at the texts found in XQuAD are those that are left out."""
    if not list(SHARED.glob("squad_v11_dev*")):
        pytest.skip(f"SQuAD's development set is not at {SHARED}")
    found = data(SHARED).load(Split.TRAIN, "en")
    assert (found.total, len(found.examples)) == (10_570, 10_570 - 1190)
    assert all(example.source.endswith(example.ending) for example in found.examples)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_long_paragraph_is_cropped_and_the_question_stays(
    family: str, small_models: dict[str, Path], tmp_path: Path
) -> None:
    rows = [asked(f"q{i}", ["x"], context="A very long paragraph. " * 100) for i in range(2)]
    write_lines(tmp_path / "squad.jsonl", rows)
    write(tmp_path / "xquad.en.json", nested(GERMAN))
    tokenizer = load_tokenizer(small_models[family])
    encoded = encoded_examples(
        ContentStore(tmp_path),
        data(tmp_path),
        language="en",
        limit=None,
        family=FAMILIES[family],
        tokenizer=tokenizer,
        checkpoint_name=family,
        input_limit=40,
    )
    for i, row in enumerate(rows):
        question = tokenizer(row["question"], add_special_tokens=False)["input_ids"]
        source = encoded.source(i).tolist()
        assert len(source) == 40
        assert source[-1 - len(question) : -1] == question
