"""Runs one trial in its run folder: trains, evaluates, reports, and continues where it stood."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from pathlib import Path

import torch
from transformers import PreTrainedModel

from xlsearch.adaptation.registry import load_method
from xlsearch.adaptation.saved import save_model
from xlsearch.config.run import RunConfig
from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.evaluation.evaluator import Evaluator
from xlsearch.evaluation.scorers.registry import find_scorer
from xlsearch.evaluation.similarity import Similarity
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.models.loading import load_model
from xlsearch.models.precision import best_device, device_name, one_thread
from xlsearch.plugins import load_plugins
from xlsearch.runs.atomic import new_folder
from xlsearch.runs.folder import RunFolder, RunResult
from xlsearch.runs.lock import Held
from xlsearch.runs.rows import Row
from xlsearch.training.batches import BatchStream
from xlsearch.training.checkpoint import Counters, load_checkpoint, save_checkpoint
from xlsearch.training.loop import Diverged, FineTuning, build_optimizer
from xlsearch.trial.candidates import Candidates
from xlsearch.trial.inputs import prepare_inputs
from xlsearch.trial.report import IntermediateReport, ReportTrial, TrialReport

_WAIT_REPORT_EVERY = 5.0
"""Seconds between reports of waiting for another process that works on the same run."""

_REPORT_EVERY = 1.0
"""Seconds between reports of training progress."""


def run_trial(
    config: RunConfig, root: Path, report: ReportTrial, sources: Sources = NOWHERE
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

    Raises:
        UserError: If the data or the model do not match the configuration.
        RunFailed: If the intermediate tuning that the run begins from failed.
    """
    load_plugins(sources.plugins)
    folder = RunFolder(root, config)
    with contextlib.ExitStack() as stack:
        _own(folder, stack, config, report)
        result, reused = folder.result, None
        if result is None:
            stack.enter_context(one_thread())
            result = _Trial(config, root, folder, report, sources).run()
        else:
            folder.clear()
            reused = result.train_seconds + result.evaluation_seconds
            _report_rows(folder.rows, config, report)
    steps = config.training.steps
    ended = TrialReport(result.state, result.steps, steps, seconds_left=0.0, reused_seconds=reused)
    report(ended)
    return result


def _own(
    folder: RunFolder, stack: contextlib.ExitStack, config: RunConfig, report: ReportTrial
) -> None:
    while True:
        try:
            return stack.enter_context(folder.owned(timeout=_WAIT_REPORT_EVERY))
        except Held as held:
            by = f"process {held.holder.pid}" if held.holder else "another process"
            report(TrialReport(f"wait for {by}", 0, config.training.steps))


def _report_rows(rows: list[Row], config: RunConfig, report: ReportTrial) -> None:
    for step in sorted({row.step for row in rows}):
        now = tuple(row for row in rows if row.step == step)
        report(TrialReport("evaluate", step, config.training.steps, rows=now))


class _Trial:
    """The parts of a run that is not complete."""

    def __init__(
        self,
        config: RunConfig,
        root: Path,
        folder: RunFolder,
        report: ReportTrial,
        sources: Sources,
    ) -> None:
        self._config = config
        self._folder = folder
        self._candidates = Candidates(folder, config)
        self._report = report
        report(TrialReport("load", 0, config.training.steps))
        inputs = prepare_inputs(config, root, sources, on_tuning=self._report_tuning)
        self._family, self._tokenizer = inputs.family, inputs.tokenizer
        self._examples = inputs.examples
        self._device = best_device()
        torch.manual_seed(config.seed)
        self._method = load_method(config.method, config.method_settings)
        model = load_model(inputs.pretrained, config.training.dropout)
        self._model: PreTrainedModel = self._method.prepare(model)
        self._model.to(self._device)  # type: ignore[arg-type]
        self._optimizer = build_optimizer(self._model, config.training)
        self._evaluator = Evaluator(
            config,
            inputs.data,
            find_scorer(config.scorer),
            inputs.family,
            inputs.tokenizer,
            inputs.input_limit,
            LanguageIdentifier(sources.lid_model),
            Similarity(
                inputs.parallel,
                config.source_language,
                inputs.family,
                inputs.tokenizer,
                inputs.input_limit,
                config.evaluation.batch_tokens,
            ),
        )
        self._last_report = 0.0

    def _report_tuning(self, tuning: IntermediateReport) -> None:
        """Says what the run waits for, or makes itself, before its first step."""
        if tuning.phase == "complete":
            return
        phase = f"intermediate tuning {tuning.step}/{tuning.steps}"
        self._report(
            TrialReport(
                phase, 0, self._config.training.steps, tuning.loss, None, tuning.seconds_left
            )
        )

    def run(self) -> RunResult:
        """Trains and evaluates from the checkpoint, or from the start, to the end."""
        settings, steps = self._config.training, self._config.training.steps
        saved = load_checkpoint(self._folder.checkpoint, self._model, self._optimizer)
        counters = saved or Counters()
        # Rows written after the checkpoint come again, equal, when their step is reached.
        rows = [row for row in self._folder.rows if row.step <= counters.step]
        _report_rows(rows, self._config, self._report)
        stream = BatchStream(
            self._examples,
            settings.batch_tokens,
            self._config.seed,
            int(self._tokenizer.pad_token_id),
            counters.position,
        )
        tuning = FineTuning(
            self._model,
            self._family,
            self._optimizer,
            stream,
            settings,
            float(self._config.learning_rate),
            counters,
        )
        state = "complete"
        while tuning.counters.step < steps:
            every = self._config.evaluation.every_steps
            until = min(steps, (tuning.counters.step // every + 1) * every)
            try:
                self._train(tuning, until)
                new = self._evaluate(tuning)
                self._candidates.keep(self._model, tuning.counters.step)
            except Diverged:
                state = "diverged"
                # The update that failed; the step before may have rows of its own.
                new = self._evaluator.diverged(tuning.counters.step + 1)
            rows = rows + new
            self._folder.write_rows(rows)
            self._report(TrialReport("evaluate", new[0].step, steps, rows=tuple(new)))
            if state == "diverged":
                break
            save_checkpoint(self._folder.checkpoint, self._model, self._optimizer, tuning.counters)
            self._candidates.drop(rows)
        return self._finish(state, tuning.counters, rows)

    def _train(self, tuning: FineTuning, until: int) -> None:
        losses: list[float] = []
        for loss in tuning.steps(until):
            losses.append(loss)
            now = time.perf_counter()
            if now - self._last_report >= _REPORT_EVERY:
                self._last_report = now
                self._progress("train", tuning.counters, sum(losses) / len(losses))
                losses.clear()

    def _evaluate(self, tuning: FineTuning) -> list[Row]:
        begin = time.perf_counter()

        def on_language(code: str) -> None:
            self._progress(f"evaluate {code}", tuning.counters, None)

        rows = self._evaluator.evaluate(self._model, tuning.counters.step, on_language)
        spent = tuning.counters.evaluation_seconds + time.perf_counter() - begin
        tuning.counters = replace(tuning.counters, evaluation_seconds=spent)
        return rows

    def _progress(self, phase: str, counters: Counters, loss: float | None) -> None:
        steps = self._config.training.steps
        done = max(counters.step, 1)
        spent = counters.train_seconds + counters.evaluation_seconds
        self._report(
            TrialReport(
                phase,
                counters.step,
                steps,
                loss=loss,
                tokens_per_second=counters.train_tokens / max(counters.train_seconds, 1e-9),
                seconds_left=spent / done * (steps - counters.step),
            )
        )

    def _finish(self, state: str, counters: Counters, rows: list[Row]) -> RunResult:
        if state == "complete":
            self._progress("save", counters, None)
            self._candidates.choose(self._model, rows)
            # Who loads the model generates as the evaluations did, without being told.
            assert self._model.generation_config is not None
            settings = self._config.generation
            self._model.generation_config.update(
                num_beams=settings.num_beams, max_new_tokens=settings.max_new_tokens
            )
            with new_folder(self._folder.model) as new:
                save_model(self._method, self._model, new)
                self._tokenizer.save_pretrained(new)
        result = RunResult(
            state=state,
            steps=counters.step,
            train_seconds=counters.train_seconds,
            evaluation_seconds=counters.evaluation_seconds,
            train_tokens=counters.train_tokens,
            device=device_name(self._device),
        )
        self._folder.finish(result)
        self._folder.clear()
        return result
