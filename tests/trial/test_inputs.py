"""What is asked of a run's data before it is begun."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import xlsearch.trial.inputs as module
from xlsearch.config.run import RunConfig
from xlsearch.config.sources import NOWHERE
from xlsearch.errors import UserError
from xlsearch.tasks.parallel import NoParallel, find_parallel
from xlsearch.trial.inputs import check_inputs, prepare_inputs

Configure = Callable[..., RunConfig]


def test_a_checkpoint_chosen_by_xlrs_needs_parallel_sentences(
    root: Path, run_config: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_xlrs = run_config().model_copy(update={"checkpoint": "xlrs"})
    check_inputs([by_xlrs], root, NOWHERE)
    monkeypatch.setattr(module, "find_parallel", lambda *place, hub: NoParallel())
    check_inputs([run_config()], root, NOWHERE)
    with pytest.raises(UserError, match=r"--parallel-dir with en\.txt and at least one of fr\.txt"):
        check_inputs([by_xlrs], root, NOWHERE)


def test_parallel_sentences_must_be_those_of_the_configuration(
    root: Path, run_config: Configure
) -> None:
    inputs = prepare_inputs(run_config(), root, NOWHERE)
    assert {code: len(told) for code, told in inputs.parallel.items()} == {"en": 64, "fr": 64}
    assert run_config().parallel == find_parallel("pocket", NOWHERE).fingerprint(["en", "fr"])
    elsewhere = run_config().model_copy(update={"parallel": "other"})
    with pytest.raises(UserError, match=r"the parallel sentences here \(pocket-.*\(other\)"):
        prepare_inputs(elsewhere, root, NOWHERE)
