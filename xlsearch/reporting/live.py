"""A search on the terminal while it runs: a table that redraws itself."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from xlsearch.runs.space import DISK_SPACE
from xlsearch.search.ray_tune.loopback import token_place
from xlsearch.search.ray_tune.resources import Resources
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.search.study import Study
from xlsearch.trial.report import IntermediateReport, TrialReport


class LiveView:
    """Draws the launch on a terminal.

    Args:
        console: The terminal.
        watch: How to watch the study elsewhere, one line.
    """

    def __init__(self, console: Console, watch: str) -> None:
        self._console = console
        self._watch = watch
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._preparation: str | None = None
        self._begin = time.monotonic()
        self._trials: dict[int, RecordedTrial] = {}
        self._reports: dict[int, TrialReport] = {}
        self._objectives: dict[int, float | None] = {}
        self._tuning: IntermediateReport | None = None
        self._repeats = False
        self._live = Live(console=console, refresh_per_second=2, get_renderable=self._draw)

    def __enter__(self) -> LiveView:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._progress.stop()
        self._live.stop()

    def loading(self) -> None:
        """Says that libraries are being loaded."""
        self._console.print("loading …")

    def preparing(self, what: str, done: int, total: int, note: str = "") -> None:
        """Moves the bar of a preparation."""
        if what != self._preparation:
            self._preparation = what
            self._progress.start()
            self._bar = self._progress.add_task(what, total=total, note="")
        self._progress.update(self._bar, completed=done, note=note)
        if done == total:
            self._progress.stop()
            self._progress.remove_task(self._bar)
            self._preparation = None
            self._console.print(f"{what}: done, {total:,}{note and ', ' + note}")

    def claimed(self, who: str) -> None:
        """Says who may be lost."""
        said = f"{who} drives this study; waiting for a minute at most to see if it still does"
        self._console.print(said, highlight=False, soft_wrap=True)

    def waiting(self, who: str) -> None:
        """Says who makes what is needed."""
        what = "" if who == DISK_SPACE else ", which prepares the same model or data"
        self._console.print(f"waiting for {who}{what}")

    def connecting(self) -> None:
        """Says that Ray starts."""
        self._console.print("starting Ray …")

    def serving(self, url: str) -> None:
        """Says where the dashboard is, and what it asks for."""
        self._console.print(
            f"Ray dashboard: {url} (its token: {token_place()})", highlight=False, soft_wrap=True
        )

    def searching(self, study: Study, resources: Resources) -> None:
        """Starts the table."""
        self._repeats = study.configuration.get("seeds", 1) > 1
        self._trials = {trial.number: trial for trial in study.trials()}
        self._begin = time.monotonic()
        self._live.start()

    def searched(self) -> None:
        """Stops the table."""
        self._live.stop()

    def started(self, trial: RecordedTrial) -> None:
        """Adds a line."""
        self._trials[trial.number] = trial

    def reported(self, number: int, report: TrialReport, objective: float | None) -> None:
        """Keeps what the line is to say; an event stays above the table."""
        if report.event:
            self._live.console.print(f"trial {number}: {report.event}", highlight=False)
        before = self._reports.get(number)
        if before and report.loss is None:
            report = TrialReport(**{**vars(report), "loss": before.loss})
        if before and not report.rows:
            report = TrialReport(**{**vars(report), "rows": before.rows})
        self._reports[number] = report
        self._objectives[number] = objective

    def tuning(self, report: IntermediateReport) -> None:
        """Keeps what the line below the table is to say; a complete one needs no line."""
        self._tuning = None if report.phase == "complete" else report

    def ended(self, trial: RecordedTrial) -> None:
        """Puts the final figures into the line."""
        self._trials[trial.number] = trial
        self._reports.pop(trial.number, None)

    def _draw(self) -> Group:
        table = Table(box=None, pad_edge=False)
        seed = ["seed"] if self._repeats else []
        names = ["trial", "method", "IT", "LR", *seed, "stage", "doing", "step", "loss", "tok/s"]
        for name in (*names, "ETA", "objective"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("LCR %", no_wrap=True)
        for number in sorted(self._trials):
            trial = self._trials[number]
            table.add_row(
                str(number),
                trial.point.method,
                "yes" if trial.point.intermediate_tuning else "no",
                str(trial.point.learning_rate),
                *([str(trial.point.seed)] if self._repeats else []),
                trial.stage,
                *self._row(trial),
            )
        seconds = int(time.monotonic() - self._begin)
        head = Text(f"{seconds // 60}:{seconds % 60:02d} elapsed   {self._watch}", style="dim")
        return Group(head, table, *self._tuning_line())

    def _tuning_line(self) -> list[Text]:
        report = self._tuning
        if report is None:
            return []
        left = "" if report.seconds_left is None else f", ETA {report.seconds_left:.0f} s"
        done = f"step {report.step} of {report.steps}, {report.describe()}{left}"
        return [Text(f"intermediate tuning: {done}")]

    def _row(self, trial: RecordedTrial) -> list[str]:
        report = self._reports.get(trial.number)
        if report is None:
            objective = _objective(trial.objective)
            rates = {k: v["language_correct_rate"] for k, v in trial.languages.items()}
            return [trial.state, "", "", "", "", objective, _rates(rates)]
        return [
            report.phase,
            f"{report.step}/{report.steps}",
            "" if report.loss is None else f"{report.loss:.2f}",
            "" if report.tokens_per_second is None else f"{report.tokens_per_second:,.0f}",
            "" if report.seconds_left is None else f"{report.seconds_left:.0f} s",
            _objective(self._objectives.get(trial.number)),
            _rates({row.language: row.language_correct_rate for row in report.rows}),
        ]


def _objective(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _rates(rates: dict[str, float | None]) -> str:
    return " ".join(f"{code} {rate:.0f}" for code, rate in rates.items() if rate is not None)
