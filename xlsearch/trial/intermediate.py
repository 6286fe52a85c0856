"""Intermediate tuning: further training on plain text before the task, done once for all runs that
begin from it (paper, section on intermediate tuning)."""

from __future__ import annotations

from pathlib import Path

from xlsearch.config.run import IntermediateConfig
from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.models.precision import one_thread
from xlsearch.plugins import load_plugins
from xlsearch.runs.content import INTERMEDIATE, ContentStore
from xlsearch.runs.mirror import receive_work, remove_work, send_work
from xlsearch.trial.events import Events
from xlsearch.trial.memory import KILLED, Memory
from xlsearch.trial.report import IntermediateReport, ReportIntermediate
from xlsearch.trial.tuning import Tuning


def intermediate_path(config: IntermediateConfig, root: Path) -> Path:
    """Where the tuned model is, or would be."""
    return ContentStore(root).path(INTERMEDIATE, config.model_dump(mode="json"))


def obtain_intermediate(
    config: IntermediateConfig,
    root: Path,
    report: ReportIntermediate = lambda report: None,
    sources: Sources = NOWHERE,
    killed: bool = False,
) -> Path:
    """The folder of the tuned model, made now if nobody made it before.

    One process makes it; others wait. One that was killed is continued by the next who asks.

    Args:
        config: All that decides the model.
        root: The root folder of all that xlsearch writes.
        report: Told about progress.
        sources: Where text and models are, if not where they usually are.
        killed: Whether the last attempt was killed for want of memory.

    Raises:
        UserError: If text or model do not match the configuration, or can't be had.
        RunFailed: If every candidate diverged, or memory or disk space did not suffice.
    """
    load_plugins(sources.plugins)
    total = config.settings.steps
    path = intermediate_path(config, root)
    work = path.with_suffix(".work")

    def build(folder: Path) -> None:
        receive_work(root, work)

        def recovering(sentence: str) -> None:
            send_work(root, work)
            report(IntermediateReport(sentence, 0, total))

        events = Events(work, recovering)
        batch_tokens = config.settings.training.batch_tokens
        memory = Memory(work / "memory.json", batch_tokens, events.tell)
        if killed:
            memory.lacking(KILLED)
        with one_thread():
            memory.trained(lambda: Tuning(config, root, work, report, sources, memory).run(folder))

    ContentStore(root).obtain(
        INTERMEDIATE,
        config.model_dump(mode="json"),
        build,
        lambda who: report(IntermediateReport(f"wait for {who}", 0, total)),
    )
    remove_work(root, work)
    report(IntermediateReport("complete", total, total, seconds_left=0.0))
    return path
