"""Runs one trial in its run folder to its end, in as many attempts as that takes."""

from __future__ import annotations

import contextlib
from pathlib import Path

from xlsearch.config.run import RunConfig
from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.models.precision import one_thread
from xlsearch.plugins import load_plugins
from xlsearch.runs.folder import RunFolder, RunResult
from xlsearch.runs.lock import Held
from xlsearch.runs.space import DISK_SPACE, is_full, no_space, with_space
from xlsearch.trial.attempt import Attempt
from xlsearch.trial.candidates import Damaged
from xlsearch.trial.events import Events
from xlsearch.trial.memory import KILLED, Memory
from xlsearch.trial.report import ReportTrial, TrialReport
from xlsearch.trial.rows import readable_rows, report_rows
from xlsearch.trial.watchdog import check_hangs, watched

_WAIT_REPORT_EVERY = 5.0
"""Seconds between reports of waiting for another process that works on the same run."""


def run_trial(
    config: RunConfig,
    root: Path,
    report: ReportTrial,
    sources: Sources = NOWHERE,
    hang_seconds: float | None = None,
    killed_in: str | None = None,
) -> RunResult:
    """Runs a trial to its end, from its checkpoint where it has one.

    A run that is complete is not run again: its evaluations are reported as they were. While
    another process works on the same run, be it for another study or left over by a killed driver,
    this one waits and says so.

    Args:
        config: The run.
        root: The root folder of all that xlsearch writes.
        report: Told about progress, and about each evaluation once.
        sources: Where data and models are, if not where they usually are.
        hang_seconds: Without a report for so long the process ends; None for never.
        killed_in: The phase in which the last attempt was killed for want of memory, if it was.

    Raises:
        UserError: If the data or the model do not match the configuration.
        RunFailed: If the intermediate tuning that the run begins from failed, memory or disk space
            did not suffice, or the run hung again and again.
    """
    load_plugins(sources.plugins)
    folder = RunFolder(root, config)
    steps = config.training.steps
    with contextlib.ExitStack() as stack:
        if folder.is_copy:
            report(TrialReport("fetch", 0, steps))
        _own(folder, stack, config, report)

        def recovering(sentence: str) -> None:
            folder.publish_notes()
            report(TrialReport("recover", 0, steps, event=sentence))

        events = Events(folder.path, recovering)
        if damaged := folder.damaged():
            events.tell(f"{damaged} is damaged; the run is done again")
        result, reused = (None if damaged else folder.result), None
        if result is None:
            stack.enter_context(one_thread())
            at = max((row.step for row in readable_rows(folder.rows_file)), default=0)
            if hang_seconds and (hung := _hung(folder, at, hang_seconds)):
                events.tell(hung)
            told = stack.enter_context(watched(folder.path, report, hang_seconds))
            result = _survive(config, root, folder, told, sources, events, killed_in)
        else:
            folder.clear()
            reused = result.train_seconds + result.evaluation_seconds
            report_rows(folder.rows, config, report)
    ended = TrialReport(result.state, result.steps, steps, seconds_left=0.0, reused_seconds=reused)
    report(ended)
    return result


def _hung(folder: RunFolder, step: int, seconds: float) -> str | None:
    """Whether the last attempt hung, in a sentence; the count is sent to where the root lives."""
    try:
        return check_hangs(folder.path, step, seconds, folder.copy)
    finally:
        folder.publish_notes()


def _survive(
    config: RunConfig,
    root: Path,
    folder: RunFolder,
    report: ReportTrial,
    sources: Sources,
    events: Events,
    killed_in: str | None,
) -> RunResult:
    """Runs what is not complete, in several attempts where one is not enough."""
    memory = Memory(folder.path / "memory.json", config.training.batch_tokens, events.tell)

    def attempt() -> RunResult:
        return Attempt(config, root, folder, report, sources, memory, events).run()

    try:
        if killed_in is not None:
            evaluated = killed_in.startswith("evaluate")
            (memory.lacking_in_evaluation if evaluated else memory.lacking)(KILLED)
        try:
            return memory.trained(attempt)
        except Damaged as damaged:
            events.tell(f"{damaged}; the run is done again")
            folder.clear()
        return memory.trained(attempt)
    except Exception as error:
        if not is_full(error):
            raise
        raise no_space(folder.path / "checkpoint") from None


def _own(
    folder: RunFolder, stack: contextlib.ExitStack, config: RunConfig, report: ReportTrial
) -> None:
    steps = config.training.steps

    def on_full(said: str) -> None:
        report(TrialReport(f"wait for {DISK_SPACE}", 0, steps, event=said))

    if folder.is_copy:
        report(TrialReport("fetch", 0, steps))
    while True:
        try:
            return with_space(
                lambda: stack.enter_context(folder.owned(timeout=_WAIT_REPORT_EVERY)),
                folder.path,
                on_full,
            )
        except Held as held:
            report(TrialReport(f"wait for {held.who}", 0, steps))
