"""The training behind an intermediate-tuned checkpoint: probes, the choice of a learning rate, and
the training with it."""

from __future__ import annotations

import functools
import shutil
import time
from pathlib import Path

import torch
from transformers import PreTrainedModel

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.run import IntermediateConfig
from xlsearch.config.sources import Sources
from xlsearch.config.training import GenerationSettings
from xlsearch.errors import RunFailed
from xlsearch.evaluation.continuation import ContinuationJudge
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.models.catalogue import find_model
from xlsearch.models.codes import has_codes
from xlsearch.models.families import FAMILIES
from xlsearch.models.loading import load_model, load_tokenizer
from xlsearch.models.precision import best_device
from xlsearch.runs.atomic import read_json, write_json
from xlsearch.runs.content import ContentStore
from xlsearch.runs.mirror import remove_work, send_work
from xlsearch.runs.space import with_space
from xlsearch.tasks.texts import find_texts
from xlsearch.training.batches import BatchStream
from xlsearch.training.checkpoint import Counters, load_checkpoint, save_checkpoint
from xlsearch.training.loop import Diverged, FineTuning, build_optimizer
from xlsearch.training.mixture import Mixture
from xlsearch.training.parts import PartEncoder
from xlsearch.trial.content import check_tuning_content
from xlsearch.trial.memory import Memory
from xlsearch.trial.probes import Candidate, choose
from xlsearch.trial.report import IntermediateReport, ReportIntermediate
from xlsearch.trial.tuned import save_tuned

_SEED = 0
"""Order of the data and dropout. All runs share the checkpoint, whatever their own seed."""

_CHECKPOINTS = 20
"""Checkpoints a training: a job that is killed loses at most a twentieth of it."""

_REPORT_EVERY = 1.0
"""Seconds between reports of progress."""


def texts_read(config: IntermediateConfig) -> int:
    """Texts a language that are read: those to train on, and the held-out ones after them."""
    training = config.settings.training
    assert training.examples is not None  # validated: a web has no end
    return training.examples + config.settings.held_out


class Tuning:
    """The parts of a tuning that is not complete.

    What it has come to so far is in the folder ``work``: the checkpoint of the training that is
    under way, and what became of the probes.
    """

    def __init__(
        self,
        config: IntermediateConfig,
        root: Path,
        work: Path,
        report: ReportIntermediate,
        sources: Sources,
        memory: Memory,
    ) -> None:
        self._config = config
        self._memory = memory
        self._settings = config.settings
        self._root = root
        self._work = work
        self._report = report
        self._total = config.settings.steps
        self._device = best_device()
        store = ContentStore(root)
        entry = find_model(config.model, config.scale, sources)
        texts = find_texts(
            config.scale,
            sources,
            store,
            lambda code, done, all: self._prepares(f"fetch {code}", done, all),
            self._waits_for,
        )
        identifier = LanguageIdentifier(sources.lid_model)
        check_tuning_content(config, texts, entry, identifier)
        self._family = FAMILIES[entry.family]
        self._pretrained = entry.obtain(
            store,
            config.pretraining_seed,
            lambda done, all, loss: self._prepares("pretrain", done, all),
            self._waits_for,
        )
        self._tokenizer = load_tokenizer(self._pretrained)
        wanted = (texts_read(config), self._settings.objective, self._settings.held_out)
        parts, pairs = [], {}
        for code in config.languages:
            encoder = PartEncoder(
                store,
                self._family,
                self._tokenizer,
                config.pretrained,
                entry.input_limit,
                texts,
                on_encoded=functools.partial(self._prepares, f"encode {code}"),
                on_wait=self._waits_for,
            )
            parts.append(encoder.text_pairs(code, *wanted))
            pairs[code] = encoder.held_out_pairs(code, *wanted).pairs()
        self._mixture = Mixture(parts, [1.0] * len(parts))
        self._judge = ContinuationJudge(
            pairs,
            self._family,
            self._tokenizer,
            identifier,
            GenerationSettings(
                max_new_tokens=self._settings.max_new_tokens,
                force_language_code=has_codes(entry.family),
                removed_tokens=self._family.pretraining_tokens,
            ),
            self._settings.training.batch_tokens,
            self._settings.training.precision,
        )
        self._begun: tuple[float, int] | None = None
        self._done = 0

    def _prepares(self, what: str, done: int, all: int) -> None:
        """Reports what is made before the first update."""
        self._report(IntermediateReport(f"{what} {done}/{all}", 0, self._total))

    def _waits_for(self, who: str) -> None:
        self._report(IntermediateReport(f"wait for {who}", 0, self._total))

    def run(self, folder: Path) -> None:
        """Picks a learning rate, trains with it, and leaves model and record in a folder."""
        rates = self._settings.learning_rates
        probed = [self._probe(rate) for rate in rates] if self._settings.probed else []
        candidates = probed or [Candidate(rates[0], 0.0, 0.0)]
        while chosen := choose(candidates):
            if self._finish(folder, probed, chosen):
                return
            candidates = [other for other in candidates if other is not chosen]
        remove_work(self._root, self._work)  # who tries again, tries it all
        raise RunFailed(
            f"intermediate tuning of {self._config.model} diverged at every learning rate "
            f"({', '.join(map(str, rates))}); give smaller ones in intermediate.learning_rates of "
            "the search space"
        )

    def _finish(self, folder: Path, probed: list[Candidate], chosen: Candidate) -> bool:
        """Trains with a learning rate to the end; whether it came there and was saved."""
        steps, rate = self._settings.training.steps, chosen.learning_rate
        self._done = self._total - steps
        given_up = self._work / f"given-up-{rate}"
        if given_up.exists():
            return False
        model = self._train(rate, steps, "train")
        found = None if model is None else self._judge.judge(model)
        if model is not None and found is not None:
            save_tuned(folder, model, self._tokenizer, probed, chosen, found, steps)
            return True
        # Remembered, since whoever goes on after a kill would train it all over again.
        self._work.mkdir(parents=True, exist_ok=True)
        given_up.touch()
        shutil.rmtree(self._checkpoint("train", rate), ignore_errors=True)
        send_work(self._root, self._work)
        return False

    def _probe(self, rate: LearningRate) -> Candidate:
        """A candidate after a few steps; what an earlier process found is not tried again."""
        phase = f"probe {rate}"
        record = self._work / f"probe-{rate}.json"
        if not record.exists():
            model = self._train(rate, self._settings.probe_steps, phase)
            found = None if model is None else self._judge.judge(model)
            loss, correct = found or (None, None)
            self._work.mkdir(parents=True, exist_ok=True)
            write_json(record, {"loss": loss, "language_correct_rate": correct})
            shutil.rmtree(self._checkpoint(phase, rate), ignore_errors=True)
            send_work(self._root, self._work)
        self._done += self._settings.probe_steps
        return Candidate(rate, **read_json(record))

    def _train(self, rate: LearningRate, steps: int, phase: str) -> PreTrainedModel | None:
        """The model after so many steps; None if it diverged.

        The batches and the warm-up do not depend on how many steps there will be, so the probes
        of all candidates see the same data.
        """
        settings = self._settings.training
        torch.manual_seed(_SEED)
        model: PreTrainedModel = load_model(self._pretrained, settings.dropout)
        model.requires_grad_(True)
        model.to(self._device)  # type: ignore[arg-type]
        optimizer = build_optimizer(model, settings)
        place = self._checkpoint(phase, rate)
        counters = load_checkpoint(place, model, optimizer) or Counters()
        pad = int(self._tokenizer.pad_token_id)
        stream = BatchStream(self._mixture, settings.batch_tokens, _SEED, pad, counters.position)
        parts = self._memory.thrift.accumulation_steps
        tuning = FineTuning(
            model, self._family, optimizer, stream, settings, float(rate), counters, parts
        )
        every = max(1, steps // _CHECKPOINTS)
        try:
            while tuning.counters.step < steps:
                self._steps(tuning, min(steps, tuning.counters.step + every), phase)
                with_space(
                    lambda: save_checkpoint(place, model, optimizer, tuning.counters),
                    place,
                    lambda said: self._report(IntermediateReport(said, self._done, self._total)),
                )
                send_work(self._root, self._work)
        except Diverged:
            return None
        return model

    def _checkpoint(self, phase: str, rate: LearningRate) -> Path:
        return self._work / f"{phase.split()[0]}-at-{rate}"

    def _steps(self, tuning: FineTuning, until: int, phase: str) -> None:
        losses: list[float] = []
        last = time.perf_counter()
        for loss in tuning.steps(until):
            losses.append(loss)
            now = time.perf_counter()
            if now - last >= _REPORT_EVERY or tuning.counters.step == until:
                last = now
                self._progress(phase, tuning.counters.step, sum(losses) / len(losses))
                losses.clear()

    def _progress(self, phase: str, step: int, loss: float) -> None:
        """Reports, with an estimate from what this process has done so far."""
        now, done = time.perf_counter(), self._done + step
        self._begun = self._begun or (now, done)
        seconds, steps = now - self._begun[0], done - self._begun[1]
        left = seconds / steps * (self._total - done) if steps > 0 else None
        self._report(IntermediateReport(phase, done, self._total, loss, left))
