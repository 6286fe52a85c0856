"""optuna-dashboard on a study, asked over HTTP."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from xlsearch.errors import UserError
from xlsearch.search.point import Outcome, State
from xlsearch.search.storage import open_journal
from xlsearch.search.study import Study
from xlsearch.service.search import SearchOptions, resolve
from xlsearch.service.studies import begin_study

pytest.importorskip("optuna_dashboard", reason="the extra dashboard is not installed")

from xlsearch.service.dashboard import address, open_dashboard


@pytest.fixture
def study(tmp_path: Path) -> Study:
    search = resolve(SearchOptions("xlsum", "mbart", scale="pocket"))
    study = begin_study(search, open_journal(tmp_path / "journal.log"), "s")
    request = study.next_request()
    assert request is not None
    study.finish(study.start(request), Outcome(State.FAIL), "a <reason>")
    return study


@contextmanager
def served(study: Study, root: Path) -> Iterator[str]:
    """The dashboard, with a storage of its own as in a process of its own; its study's page."""
    storage = open_journal(root / "journal.log")
    with open_dashboard(storage, study, root, port=0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield address(server, storage, study)
        finally:
            server.shutdown()
            thread.join()


def asked(page: str, method: str = "GET", body: Any = None, host: str = "127.0.0.1") -> Any:
    url = page.replace("/dashboard/", "/api/")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Host": host}, method=method)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


def test_it_shows_the_study_and_a_search_goes_on(study: Study, tmp_path: Path) -> None:
    before, request = study.plan(), study.next_request()
    assert request is not None
    number = study.start(request)
    with served(study, tmp_path) as page:
        shown = asked(page)
        study.lose(number, "not run")
    assert "full, decades" in shown["note"]["body"]
    attributes = {one["key"]: one["value"] for one in shown["trials"][number]["user_attrs"]}
    assert attributes["LR"] == str(request.point.learning_rate)
    study.forget_lost()
    assert study.plan() == before


def test_only_this_machine_is_answered(study: Study, tmp_path: Path) -> None:
    with (
        served(study, tmp_path) as page,
        pytest.raises(urllib.error.HTTPError, match="403"),
    ):
        asked(page, host="evil.example")


def test_a_note_of_somebody_else_stays(study: Study, tmp_path: Path) -> None:
    with served(study, tmp_path) as page:
        version = asked(page)["note"]["version"]
        asked(f"{page}/note", "PUT", {"body": "mine", "version": version + 1})
    with served(study, tmp_path) as page:
        assert asked(page)["note"]["body"] == "mine"


def test_a_port_that_is_taken_is_said(study: Study, tmp_path: Path) -> None:
    with served(study, tmp_path) as page:
        port = int(page.split(":")[2].split("/")[0])
        storage = open_journal(tmp_path / "journal.log")
        with pytest.raises(UserError, match="--port"):
            open_dashboard(storage, study, tmp_path, port)
