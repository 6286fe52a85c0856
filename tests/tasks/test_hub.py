"""Data sets of the hub: from its cache, by way of a download, and where there is no hub."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import datasets
import pytest

from xlsearch.errors import UserError
from xlsearch.runs.content import ContentStore
from xlsearch.tasks import kept_texts
from xlsearch.tasks.base import Split
from xlsearch.tasks.hub import HubDataset
from xlsearch.tasks.registry import find_task
from xlsearch.tasks.texts import HubTexts
from xlsearch.tasks.web_text import hub_texts

from .conftest import COMMIT, GERMAN, articles, asked

PutHub = Callable[..., Path]
PARQUET = "refs/convert/parquet"


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be asked of the hub."""

    def fail(*arguments: object, **named: object) -> None:
        raise AssertionError(f"the hub was asked for {arguments}, {named}")

    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", fail)
    monkeypatch.setattr("huggingface_hub.hf_hub_download", fail)


@pytest.mark.usefixtures("no_network")
def test_xlsum_from_the_cache(hub_cache: PutHub) -> None:
    hub_cache("csebuetnlp/xlsum", "english/train/0000.parquet", articles(2), PARQUET)
    hub_cache("csebuetnlp/xlsum", "english/train/0001.parquet", articles(3), PARQUET)
    hub_cache("csebuetnlp/xlsum", "chinese_simplified/test/0000.parquet", articles(4), PARQUET)
    data = find_task("xlsum").data("paper")
    assert data.load(Split.TRAIN, "en").total == 5
    assert data.load(Split.TRAIN, "en", 1).total == 1
    found = data.load(Split.TEST, "zh").examples
    assert (found[3].source, found[3].references) == ("Article 3 in en.", ("Summary 3.",))
    assert data.fingerprint(("en", "zh")) == f"csebuetnlp/xlsum@{COMMIT}"
    assert data.training_fingerprint("en") == f"csebuetnlp/xlsum@{COMMIT}/english"
    assert len(data.languages()) == len(data.languages(Split.TEST)) == 42


@pytest.mark.usefixtures("no_network")
def test_xquad_and_squad_from_the_cache(hub_cache: PutHub) -> None:
    hub_cache("google/xquad", "xquad.de/validation-00000-of-00001.parquet", GERMAN)
    rows = [asked("t", ["x", "y"])]
    hub_cache("rajpurkar/squad", "plain_text/train-00000-of-00001.parquet", rows)
    data = find_task("xquad").data("paper")
    found = data.load(Split.EVALUATION, "de")
    assert ([example.id for example in found.examples], found.total) == (["good", "also"], 5)
    (example,) = data.load(Split.TRAIN, "en").examples
    assert (example.ending, example.references) == ("What is t?", ("x", "y"))
    named = data.fingerprint(("en", "de"))
    assert named.startswith(f"google/xquad@{COMMIT}+rajpurkar/squad@{COMMIT}+lid@")
    assert " ".join(data.languages()) == "ar de el en es hi ro ru th tr vi zh"
    assert data.training_fingerprint("en") == f"rajpurkar/squad@{COMMIT}"
    assert data.splits("en") == (Split.TRAIN, Split.EVALUATION)


@pytest.mark.usefixtures("no_network")
def test_a_column_that_is_missing(hub_cache: PutHub) -> None:
    rows = [{"id": "a", "text": "b"}]
    hub_cache("csebuetnlp/xlsum", "english/train/0000.parquet", rows, PARQUET)
    with pytest.raises(UserError, match=r"english/train/0000\.parquet: there is no 'summary'"):
        find_task("xlsum").data("paper").load(Split.TRAIN, "en")


def test_an_interrupted_download_goes_on(
    hub_cache: PutHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first file is fetched last, so a set that lacks it is not taken for whole."""
    names = [f"english/train/000{i}.parquet" for i in range(3)]
    api = "huggingface_hub.HfApi"
    monkeypatch.setattr(f"{api}.dataset_info", lambda *_, **__: SimpleNamespace(sha=COMMIT))
    others = ["README.md", "english/test/0000.parquet"]
    monkeypatch.setattr(f"{api}.list_repo_files", lambda *_, **__: [*others, *names])
    fetched: list[str] = []
    broken = True

    def download(identity: str, name: str, **named: Any) -> str:
        assert named == {"revision": COMMIT, "repo_type": "dataset"}
        if broken and name == names[1]:
            raise ConnectionError("the line is cut")
        fetched.append(name)
        return str(hub_cache(identity, name, articles(1), PARQUET))

    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    data = find_task("xlsum").data("paper")
    with pytest.raises(UserError, match=r"csebuetnlp/xlsum can't be had .* the line is cut"):
        data.load(Split.TRAIN, "en")
    assert fetched == names[2:]
    broken = False
    assert data.load(Split.TRAIN, "en").total == 3
    assert fetched[1:] == names[::-1]
    assert data.load(Split.TRAIN, "en").total == 3
    assert len(fetched) == 4


def test_the_commit_is_asked_for_once(hub_cache: PutHub, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [SimpleNamespace(sha="a" * 40), SimpleNamespace(sha="b" * 40)]
    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", lambda *_, **__: answers.pop(0))
    dataset = HubDataset("some/data", PARQUET)
    assert dataset.commit == dataset.commit == "a" * 40


def test_a_set_without_files(hub_cache: PutHub, monkeypatch: pytest.MonkeyPatch) -> None:
    api = "huggingface_hub.HfApi"
    monkeypatch.setattr(f"{api}.dataset_info", lambda *_, **__: SimpleNamespace(sha=COMMIT))
    monkeypatch.setattr(f"{api}.list_repo_files", lambda *_, **__: ["README.md"])
    with pytest.raises(UserError, match=f"csebuetnlp/xlsum at {COMMIT} has no .* english/train/"):
        find_task("xlsum").data("paper").load(Split.TRAIN, "en")


def test_web_text_is_streamed(hub_cache: PutHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "huggingface_hub.HfApi.dataset_info", lambda *_, **__: SimpleNamespace(sha=COMMIT)
    )
    asked_for = []

    def load_dataset(*arguments: str, **named: object) -> object:
        asked_for.append((arguments, named))
        rows = [{"text": f"text {i}", "timestamp": "", "url": ""} for i in range(3)]
        return datasets.Dataset.from_list(rows).to_iterable_dataset()

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    assert list(hub_texts("fr")) == ["text 0", "text 1", "text 2"]
    hub_texts("en")
    named = {"split": "train", "revision": COMMIT, "streaming": True}
    assert asked_for == [(("allenai/c4", name), named) for name in ("fr", "en-multi")]
    with pytest.raises(UserError, match="allenai/c4 has no Oromo"):
        hub_texts("om")


def test_a_stream_that_breaks_off(hub_cache: PutHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "huggingface_hub.HfApi.dataset_info", lambda *_, **__: SimpleNamespace(sha=COMMIT)
    )

    def load_dataset(*arguments: str, **named: object) -> Iterator[dict[str, str]]:
        yield {"text": "un"}
        raise ConnectionError("the line is cut")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    texts = hub_texts("fr")
    assert next(texts) == "un"
    with pytest.raises(UserError, match=r"allenai/c4 can't be had .* the line is cut"):
        next(texts)


class OneStream:
    """The hub's web text, which may be begun only so often."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, texts: int) -> None:
        self.begun = 0
        self.read = 0
        self.breaks_at = texts + 1
        self._texts = texts
        api = "huggingface_hub.HfApi.dataset_info"
        monkeypatch.setattr(api, lambda *_, **__: SimpleNamespace(sha=COMMIT))
        monkeypatch.setattr(datasets, "load_dataset", self)

    def __call__(self, *arguments: str, **named: object) -> Iterator[dict[str, str]]:
        self.begun += 1
        for number in range(self._texts):
            if number == self.breaks_at:
                raise ConnectionError("the line is cut")
            self.read += 1
            yield {"text": f"text {number}"}


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_texts, "CHUNK", 4)
    monkeypatch.setattr(kept_texts, "_BATCH", 3)


@pytest.mark.usefixtures("small_chunks")
def test_web_text_is_fetched_once(
    hub_cache: PutHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for who wants fewer or more of it; and a text after the other, with nothing left out."""
    hub, told = OneStream(monkeypatch, 11), []
    texts = HubTexts(ContentStore(tmp_path), lambda *progress: told.append(progress))
    all_of_them = [f"text {number}" for number in range(11)]
    assert list(texts.load("fr", 6)) == all_of_them[:6]
    assert told == [("fr", 3, 6), ("fr", 4, 6), ("fr", 6, 6), ("fr", 6, 6)]
    assert list(texts.load("fr", 3)) == all_of_them[:3]
    assert hub.begun == 1
    found = texts.load("fr", 50)
    assert list(found) == all_of_them
    assert [found[i] for i in (0, 4, 10)] == [all_of_them[i] for i in (0, 4, 10)]
    assert list(found[3:9]) == all_of_them[3:9]
    assert (len(found), len(found[:-2])) == (11, 9)
    assert hub.begun == 2
    monkeypatch.setattr(datasets, "load_dataset", None)
    assert texts.check("fr", 50) == 50
    assert list(texts.load("fr", 50)) == all_of_them


@pytest.mark.usefixtures("small_chunks")
def test_what_was_fetched_before_a_break_stays(
    hub_cache: PutHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = OneStream(monkeypatch, 12)
    hub.breaks_at = 6
    texts = HubTexts(ContentStore(tmp_path))
    with pytest.raises(UserError, match="the line is cut"):
        texts.load("fr", 12)
    assert len(texts.load("fr", 4)) == 4
    assert hub.begun == 1
    hub.breaks_at = 99
    assert list(texts.load("fr", 12)) == [f"text {number}" for number in range(12)]


def test_web_text_is_named_by_its_commit(
    hub_cache: PutHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    OneStream(monkeypatch, 1)
    named = HubTexts().fingerprint(["fr", "en"])
    assert named == f"allenai/c4@{COMMIT}-en-multi-fr"
    with pytest.raises(UserError, match=r"no Oromo; give a --text-dir with om\.txt"):
        HubTexts().fingerprint(["om"])


READ = """
import sys
from xlsearch.errors import UserError
from xlsearch.tasks.base import Split
from xlsearch.tasks.registry import find_task
from xlsearch.tasks.texts import HubTexts
from xlsearch.tasks.web_text import hub_texts
for read in (
    lambda: find_task("xlsum").data("paper").fingerprint(("en",)),
    lambda: find_task("xquad").data("paper").load(Split.EVALUATION, "de"),
    lambda: hub_texts("fr"),
):
    try:
        read()
    except UserError as error:
        print(error)
"""


@pytest.mark.parametrize("cached", [False, True], ids=["no-commit", "cached-commit"])
@pytest.mark.parametrize(
    "environment",
    [{"HF_HUB_OFFLINE": "1"}, {"HF_ENDPOINT": "http://127.0.0.1:9"}],
    ids=["offline", "unreachable"],
)
def test_without_a_hub(environment: dict[str, str], cached: bool, tmp_path: Path) -> None:
    if cached:
        for name in ("google--xquad", "allenai--c4"):
            ref = tmp_path / "hub" / f"datasets--{name}" / "refs" / "main"
            ref.parent.mkdir(parents=True)
            ref.write_text(COMMIT)
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", READ],
        env={**os.environ, **environment, "HF_HOME": str(tmp_path)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert time.monotonic() - started < 20
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    said = {
        "csebuetnlp/xlsum": "--data-dir with its files works offline",
        "google/xquad": "--data-dir with its files works offline",
        "allenai/c4": "--text-dir with texts works offline",
    }
    for line, (name, instead) in zip(lines, said.items(), strict=True):
        assert f"the data set {name} can't be had from the hub" in line
        assert line.endswith(instead)
