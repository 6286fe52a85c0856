"""Parallel sentences: where they are looked for, and that they stay aligned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.errors import UserError
from xlsearch.tasks.hub import HubDataset
from xlsearch.tasks.parallel import find_parallel, may_use_hub

from .conftest import asked, nested, write


@pytest.fixture
def texts(tmp_path: Path) -> Sources:
    write(tmp_path / "en.txt", "one\ntwo\nthree\n")
    write(tmp_path / "fr.txt", "un\ndeux\ntrois")
    return Sources(parallel_dir=tmp_path)


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked_for(self: HubDataset, *anything: object) -> str:
        raise AssertionError("the hub was asked")

    monkeypatch.setattr(HubDataset, "ask", asked_for)


def test_the_pocket_world_is_told_in_its_languages() -> None:
    parallel = find_parallel("pocket", NOWHERE)
    found = parallel.load(["en", "fr", "th"], 9)
    assert {code: len(told) for code, told in found.items()} == {"en": 9, "fr": 9}
    assert parallel.load(["en", "fr", "zh"], 4)["fr"] == found["fr"][:4]
    assert parallel.fingerprint(["en", "fr"]) == parallel.fingerprint(["en", "fr", "th"])
    assert parallel.fingerprint(["en", "fr"]) != parallel.fingerprint(["en", "zh"])
    assert parallel.fingerprint(["en", "th"]) is None


def test_lines_of_equal_number_are_parallel(texts: Sources) -> None:
    parallel = find_parallel("paper", texts)
    assert parallel.load(["en", "fr", "th"], 2) == {"en": ["one", "two"], "fr": ["un", "deux"]}
    assert parallel.fingerprint(["en", "th"]) is None


def test_other_lines_are_another_fingerprint(texts: Sources, tmp_path: Path) -> None:
    parallel = find_parallel("paper", texts)
    before = parallel.fingerprint(["en", "fr"])
    assert before is not None
    write(tmp_path / "fr.txt", "un\ndeux\nquatre")
    assert parallel.fingerprint(["en", "fr"]) not in (before, None)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("fr.txt", b"un\ndeux\n", r"en\.txt has 3, fr\.txt has 2"),
        ("fr.txt", b"un\n\ntrois\n", r"fr\.txt:2: the line is blank"),
        ("fr.txt", b"un\n\xff\ntrois\n", r"fr\.txt: not text in UTF-8"),
        ("en.txt", None, r"has no en\.txt"),
    ],
)
def test_what_is_not_parallel_is_bad_input(
    name: str, content: bytes | None, said: str, texts: Sources, tmp_path: Path
) -> None:
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=said):
        find_parallel("paper", texts).load(["en", "fr"], 2)


def test_questions_of_xquad_are_parallel_by_their_ids(tmp_path: Path, no_hub: None) -> None:
    questions = [asked(name, ["x"]) for name in ("a", "b", "c")]
    write(tmp_path / "xquad.en.json", nested(questions))
    translated = [{**row, "question": f"Was ist {row['id']}?"} for row in questions]
    write(tmp_path / "xquad.de.json.gz", nested([translated[i] for i in (2, 0, 1)]))
    write(tmp_path / "xquad.es.json", nested(questions[1:]))
    parallel = find_parallel("paper", Sources(data_dir=tmp_path), hub=True)
    found = parallel.load(["en", "de", "es", "ru", "fr"], 2)
    assert found == {
        "en": ["What is a?", "What is b?"],
        "de": ["Was ist a?", "Was ist b?"],  # Spanish lacks the first question
    }
    assert parallel.fingerprint(["en", "de"]) != parallel.fingerprint(["en", "es"])
    assert parallel.fingerprint(["en", "fr"]) is None


@pytest.mark.parametrize("sources", ["nothing", "other data"])
def test_where_there_is_nothing_the_hub_is_not_asked(
    sources: str, tmp_path: Path, no_hub: None
) -> None:
    write(tmp_path / "french_val.jsonl", "{}")
    place = NOWHERE if sources == "nothing" else Sources(data_dir=tmp_path)
    parallel = find_parallel("paper", place)
    assert parallel.fingerprint(["en", "de"]) is None
    assert parallel.load(["en", "de"], 2) == {}


def test_the_hub_is_for_a_checkpoint_chosen_by_xlrs(hub_cache: Callable[..., Path]) -> None:
    for code in ("en", "de"):
        rows = [{**asked("a", ["x"]), "question": f"{code}?"}]
        hub_cache("google/xquad", f"xquad.{code}/validation-00000-of-00001.parquet", rows)
    assert [may_use_hub("xlsum", rule) for rule in ("last", "best", "xlrs")] == [0, 0, 1]
    assert may_use_hub("xquad", "last")
    parallel = find_parallel("paper", NOWHERE, hub=True)
    assert parallel.load(["en", "de", "fr"], 5) == {"en": ["en?"], "de": ["de?"]}
    assert parallel.fingerprint(["en", "de", "fr"]) == parallel.fingerprint(["en", "de"])


def test_a_hub_out_of_reach_is_one_sentence(
    hub_cache: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: HubDataset, revision: str) -> str:
        raise UserError("the data set google/xquad can't be had")

    monkeypatch.setattr(HubDataset, "ask", fail)
    with pytest.raises(UserError, match=r"XLRS: .* can't be had, and so does --parallel-dir with"):
        find_parallel("paper", NOWHERE, hub=True).fingerprint(["en", "de"])
