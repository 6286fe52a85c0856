"""Points with intermediate tuning wait for it; the others do not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import ray
from ray import tune

import xlsearch.trial.tuning as tuning_module
from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.run import RunConfig
from xlsearch.config.sources import NOWHERE
from xlsearch.errors import RunFailed
from xlsearch.runs.content import ContentStore
from xlsearch.search.asking import Ask, Choice
from xlsearch.search.opening import open_study
from xlsearch.search.point import Point
from xlsearch.search.ray_tune import intermediate
from xlsearch.search.ray_tune.driver import Resources, ray_cluster, run_study
from xlsearch.search.ray_tune.intermediate import IntermediateJob, tune_model
from xlsearch.search.ray_tune.searcher import StudySearcher
from xlsearch.search.ray_tune.trainable import NUMBER
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.search.storage import open_journal
from xlsearch.search.study import Study
from xlsearch.trial.configure import RunTemplate
from xlsearch.trial.intermediate import intermediate_path
from xlsearch.trial.report import IntermediateReport, TrialReport

PLAIN, TUNED = (Point("full", LearningRate("1e-3"), tuned, 0) for tuned in (False, True))
OTHER = Point("full", LearningRate("1e-4"), False, 0)


def crossing(ask: Ask) -> Choice:
    """Asks for the tuned point first, at the same time as for the others."""
    scores = ask.scores("crossing", [TUNED, PLAIN, OTHER])
    return Choice([TUNED, PLAIN, OTHER][scores.index(max(scores))])


class Listener:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.tunings: list[IntermediateReport] = []

    def started(self, trial: RecordedTrial) -> None:
        self.order.append(f"{'tuned' if trial.point.intermediate_tuning else 'plain'} started")

    def reported(self, number: int, report: TrialReport, objective: float | None) -> None:
        return None

    def ended(self, trial: RecordedTrial) -> None:
        self.order.append(f"{trial.state}")

    def tuning(self, report: IntermediateReport) -> None:
        self.tunings.append(report)
        self.order.append(report.phase)


class Job:
    """A job that ends when it is told to."""

    running = True
    failure: str | None = None

    def poll(self) -> None:
        return None


@pytest.fixture
def template(run_template: Callable[..., RunTemplate]) -> RunTemplate:
    return run_template()


def describer(template: RunTemplate) -> Callable[[Point], RunConfig]:
    return lambda p: template.at(p.method, p.learning_rate, p.intermediate_tuning, p.seed)


def opened(root: Path) -> Study:
    storage = open_journal(root / "journal.log")
    return open_study(storage, "s", {"source_language": "en"}, crossing)


def searcher(
    study: Study, template: RunTemplate, root: Path, job: Job, concurrency: int
) -> StudySearcher:
    return StudySearcher(
        study,
        describer(template),
        root,
        concurrency,
        0.1,
        Listener(),
        job,  # type: ignore[arg-type]
    )


def test_points_with_intermediate_tuning_wait_for_it(tmp_path: Path, template: RunTemplate) -> None:
    study, job = opened(tmp_path), Job()
    asked = searcher(study, template, tmp_path, job, concurrency=9)
    begun = [asked.suggest(name) for name in "abc"]
    assert [b[NUMBER] for b in begun if isinstance(b, dict)] == [0, 1]
    assert begun[2] is None
    assert [trial.point for trial in study.trials()] == [PLAIN, OTHER]
    job.running = False
    assert isinstance(asked.suggest("d"), dict)
    assert study.trials()[2].point == TUNED


def test_the_job_takes_the_place_of_a_trial(tmp_path: Path, template: RunTemplate) -> None:
    job = Job()
    asked = searcher(opened(tmp_path), template, tmp_path, job, concurrency=2)
    assert isinstance(asked.suggest("a"), dict)
    assert asked.suggest("b") is None
    job.running = False
    assert isinstance(asked.suggest("b"), dict)


def test_a_trial_that_is_adopted_waits_too(tmp_path: Path, template: RunTemplate) -> None:
    """And what needs no intermediate tuning, adopted or new, does not wait behind it."""
    study = opened(tmp_path)
    for point in (TUNED, PLAIN):
        request = study.next_request()
        assert request is not None
        assert request.point == point
        study.start(request)
    job = Job()
    asked = searcher(opened(tmp_path), template, tmp_path, job, concurrency=9)
    begun = [asked.suggest(name) for name in "abc"]
    assert [b[NUMBER] for b in begun if isinstance(b, dict)] == [1, 2]
    job.running = False
    last = asked.suggest("d")
    assert isinstance(last, dict)
    assert last[NUMBER] == 0


def test_a_failed_job_ends_the_search(tmp_path: Path, template: RunTemplate) -> None:
    job = Job()
    asked = searcher(opened(tmp_path), template, tmp_path, job, concurrency=9)
    job.running, job.failure = False, "it diverged"
    assert asked.suggest("a") == StudySearcher.FINISHED


def test_a_job_says_why_it_failed(root: Path, template: RunTemplate) -> None:
    broken = template.intermediate().model_copy(update={"text": "other"})
    reason = tune_model(broken.model_dump(mode="json"), str(root), "p.json", NOWHERE)
    assert reason is not None
    assert reason.startswith("the text here (pocket-")
    assert not (root / "p.error.log").exists()


def test_a_job_whose_progress_can_not_be_written_goes_on(root: Path, template: RunTemplate) -> None:
    """As on a full disk: what is made waits for space, and nothing else fails for it."""
    (root / "progress").mkdir()
    config = template.intermediate()
    assert tune_model(config.model_dump(mode="json"), str(root), "progress", NOWHERE) is None
    assert intermediate_path(config, root).is_dir()


def test_a_job_that_was_killed_for_its_memory_begins_once_more_and_needs_less(
    root: Path, template: RunTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Ray, whose tasks end here as those do that its memory monitor kills."""
    begun: list[bool] = []

    def remote(**options: object) -> Callable[..., SimpleNamespace]:
        def begin(*given: object) -> object:
            begun.append(bool(given[-1]))
            return object()

        return lambda task: SimpleNamespace(remote=begin)

    def get(task: object) -> str:
        raise ray.exceptions.OutOfMemoryError("low on memory")

    monkeypatch.setattr(ray, "remote", remote)
    monkeypatch.setattr(ray, "wait", lambda tasks, timeout: (tasks, []))
    monkeypatch.setattr(ray, "get", get)
    monkeypatch.setattr(intermediate, "_POLL_EVERY", 0.0)
    config = template.intermediate()
    job = IntermediateJob(config, root, root / "progress.json", 1, 0.0, Listener(), NOWHERE)
    job.poll()
    assert job.failure is None
    job.poll()
    assert begun == [False, True]
    assert job.failure == "its worker was killed for want of memory (low on memory)"

    # What the second worker does, and what a third would say.
    described = config.model_dump(mode="json")
    monkeypatch.setattr(tuning_module, "load_model", None)
    for said in ("TypeError", "out of memory at training.batch_tokens"):
        reason = tune_model(described, str(root), "p.json", NOWHERE, killed=True)
        assert reason is not None
        assert reason.startswith(said)


def test_a_job_that_breaks_leaves_its_traceback(
    root: Path, template: RunTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning_module, "load_model", None)
    config = template.intermediate().model_dump(mode="json")
    reason = tune_model(config, str(root), "p.json", NOWHERE)
    assert reason is not None
    assert reason.startswith("TypeError: 'NoneType' object is not callable (traceback: ")
    assert "load_model(" in (root / "p.error.log").read_text()


def test_a_failed_job_fails_the_search(
    root: Path, template: RunTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Ray: the job is over before Tune asks for a trial, and Tune asks for none."""
    job = Job()
    job.running, job.failure = False, "it diverged"
    monkeypatch.setattr(intermediate, "IntermediateJob", lambda *rest: job)
    monkeypatch.setattr(tune.Tuner, "fit", lambda self: None)
    with pytest.raises(RunFailed, match="intermediate tuning failed: it diverged; the same"):
        run_study(
            opened(root),
            describer(template),
            root,
            Resources(2, 1, 0.0),
            0.1,
            Listener(),
            NOWHERE,
            template.intermediate(),
        )


@pytest.mark.drill
def test_on_ray_it_runs_beside_the_trials(
    root: Path, run_template: Callable[..., RunTemplate]
) -> None:
    template = run_template(training={"steps": 1}, intermediate={"learning_rates": ["1e-3"]})
    config, listener = template.intermediate(), Listener()
    study = opened(root)
    with ray_cluster(None):
        run_study(
            study, describer(template), root, Resources(2, 1, 0.0), 0.1, listener, NOWHERE, config
        )
    assert {trial.point for trial in study.trials()} == {PLAIN, OTHER, TUNED}
    assert {trial.state for trial in study.trials()} == {"complete"}
    tuned = listener.order.index("tuned started")
    assert listener.tunings[-1].phase == "complete"
    assert listener.tunings[-1].step == listener.tunings[-1].steps
    assert "plain started" in listener.order[:tuned]
    found = ContentStore(root).path("intermediate", config.model_dump(mode="json"))
    assert (found / "intermediate.json").is_file()
