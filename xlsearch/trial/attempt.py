"""An attempt at a run: it trains and evaluates from the last checkpoint on to the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from transformers import PreTrainedModel

from xlsearch.adaptation.registry import load_method
from xlsearch.adaptation.saved import save_model
from xlsearch.config.run import RunConfig
from xlsearch.config.sources import Sources
from xlsearch.evaluation.evaluator import Evaluator
from xlsearch.evaluation.scorers.registry import find_scorer
from xlsearch.evaluation.similarity import Similarity
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.models.loading import load_model
from xlsearch.models.precision import best_device, device_name
from xlsearch.runs.atomic import new_folder
from xlsearch.runs.folder import RunFolder, RunResult
from xlsearch.runs.rows import Row
from xlsearch.runs.space import with_space
from xlsearch.training.batches import BatchStream
from xlsearch.training.checkpoint import Counters, load_checkpoint, save_checkpoint
from xlsearch.training.loop import Diverged, FineTuning, build_optimizer
from xlsearch.trial.candidates import Candidates
from xlsearch.trial.events import Events
from xlsearch.trial.inputs import prepare_inputs
from xlsearch.trial.memory import Memory
from xlsearch.trial.report import IntermediateReport, ReportTrial, TrialReport
from xlsearch.trial.rows import readable_rows, report_rows, rows_digest

_REPORT_EVERY = 1.0
"""Seconds between reports of training progress."""


class Attempt:
    """The parts of a run that is not complete, in one process and with one split of its batches.

    Args:
        config: The run.
        root: The root folder of all that xlsearch writes.
        folder: The run's folder, which this process owns.
        report: Told about progress, and about each evaluation once.
        sources: Where data and models are.
        memory: How the run saves memory.
        events: Told what the run survives.

    Raises:
        UserError: If the data or the model do not match the configuration.
        RunFailed: If the intermediate tuning that the run begins from failed.
    """

    def __init__(
        self,
        config: RunConfig,
        root: Path,
        folder: RunFolder,
        report: ReportTrial,
        sources: Sources,
        memory: Memory,
        events: Events,
    ) -> None:
        self._config = config
        self._folder = folder
        self._candidates = Candidates(folder, config)
        self._report = report
        self._memory = memory
        self._events = events
        self._last_report = 0.0
        self._step = 0
        report(TrialReport("load", 0, config.training.steps))
        inputs = prepare_inputs(
            config,
            root,
            sources,
            on_pretraining=lambda done, all, loss: self._prepares("pretrain", done, all),
            on_encoded=lambda done, all: self._prepares("encode", done, all),
            on_wait=lambda who: self._report(
                TrialReport(f"wait for {who}", 0, config.training.steps)
            ),
            on_tuning=self._report_tuning,
            on_translated=lambda code, done, all: self._prepares(f"translate {code}", done, all),
            on_text=lambda code, done, all: self._prepares(f"fetch {code}", done, all),
        )
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

    def _prepares(self, what: str, done: int, all: int) -> None:
        """Says now and then what is made for this run and for others."""
        if self._due():
            self._report(TrialReport(f"{what} {done}/{all}", 0, self._config.training.steps))

    def _due(self) -> bool:
        """Whether it is time to report progress again."""
        now = time.perf_counter()
        if now - self._last_report < _REPORT_EVERY:
            return False
        self._last_report = now
        return True

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
        """Trains and evaluates from the checkpoint, or from the start, to the end.

        Raises:
            Damaged: If the chosen weights are, so that the run must begin anew.
            RunFailed: If the disk stayed full.
        """
        settings, steps = self._config.training, self._config.training.steps
        written = readable_rows(self._folder.rows_file)

        def before(step: int) -> list[Row]:
            return [row for row in written if row.step <= step]

        saved = load_checkpoint(
            self._folder.checkpoint,
            self._model,
            self._optimizer,
            lambda step: rows_digest(before(step)),
            lambda place: self._events.tell(
                f"{place}, or the rows before it, are damaged; going on from before it"
            ),
        )
        counters = saved or Counters()
        # Rows written after the checkpoint come again, equal, when their step is reached.
        rows = before(counters.step)
        report_rows(rows, self._config, self._report)
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
            self._memory.thrift.accumulation_steps,
        )
        state = "complete"
        while tuning.counters.step < steps:
            every = self._config.evaluation.every_steps
            until = min(steps, (tuning.counters.step // every + 1) * every)
            try:
                self._train(tuning, until)
                new = self._evaluate(tuning)
                self._keep_candidate(tuning.counters)
            except Diverged:
                state = "diverged"
                # The update that failed; the step before may have rows of its own.
                new = self._evaluator.diverged(tuning.counters.step + 1)
            rows = rows + new
            self._write_rows(rows)
            self._report(TrialReport("evaluate", new[0].step, steps, rows=tuple(new)))
            if state == "diverged":
                break
            self._save_checkpoint(tuning.counters, rows)
            self._candidates.drop(rows)
            if self._folder.copy:
                self._progress("publish", tuning.counters, None)
            self._folder.publish()
        return self._finish(state, tuning.counters, rows)

    def _write_rows(self, rows: list[Row]) -> None:
        self._write(self._folder.rows_file, lambda: self._folder.write_rows(rows))

    def _keep_candidate(self, counters: Counters) -> None:
        place = self._folder.candidate(counters.step)
        self._write(place, lambda: self._candidates.keep(self._model, counters.step))

    def _save_checkpoint(self, counters: Counters, rows: list[Row]) -> None:
        place, digest = self._folder.checkpoint, rows_digest(rows)
        self._write(
            place,
            lambda: save_checkpoint(place, self._model, self._optimizer, counters, digest),
        )

    def _write(self, place: Path, write: Callable[[], None]) -> None:
        """Writes a part of the run folder, after a wait where the disk is full."""
        steps = self._config.training.steps

        def on_wait(said: str) -> None:
            self._report(TrialReport("wait for disk space", self._step, steps, event=said))

        with_space(write, place, on_wait)

    def _train(self, tuning: FineTuning, until: int) -> None:
        losses: list[float] = []
        for loss in tuning.steps(until):
            losses.append(loss)
            if self._due():
                self._progress("train", tuning.counters, sum(losses) / len(losses))
                losses.clear()

    def _evaluate(self, tuning: FineTuning) -> list[Row]:
        begin = time.perf_counter()

        def on_language(code: str) -> None:
            self._progress(f"evaluate {code}", tuning.counters, None)

        def evaluate() -> list[Row]:
            parts = self._memory.thrift.evaluation_parts
            return self._evaluator.evaluate(self._model, tuning.counters.step, on_language, parts)

        rows = self._memory.evaluated(evaluate)
        spent = tuning.counters.evaluation_seconds + time.perf_counter() - begin
        tuning.counters = replace(tuning.counters, evaluation_seconds=spent)
        return rows

    def _progress(self, phase: str, counters: Counters, loss: float | None) -> None:
        self._step, steps = counters.step, self._config.training.steps
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
            self._write(self._folder.model, self._save_model)
        result = RunResult(
            state=state,
            steps=counters.step,
            train_seconds=counters.train_seconds,
            evaluation_seconds=counters.evaluation_seconds,
            train_tokens=counters.train_tokens,
            device=device_name(self._device),
            accumulation_steps=self._memory.thrift.accumulation_steps,
            evaluation_parts=self._memory.thrift.evaluation_parts,
        )
        self._write(self._folder.path / "result.json", lambda: self._folder.finish(result))
        self._folder.clear()
        return result

    def _save_model(self) -> None:
        with new_folder(self._folder.model) as new:
            save_model(self._method, self._model, new)
            self._tokenizer.save_pretrained(new)
