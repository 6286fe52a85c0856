"""Intermediate tuning: once, to the same bits, on text that it is not judged on."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from official_files import write_xlsum
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

import xlsearch.trial.tuning as tuning_module
from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.run import IntermediateConfig
from xlsearch.config.sources import Sources
from xlsearch.errors import RunFailed, UserError
from xlsearch.models.families import FAMILIES
from xlsearch.runs.folder import RunFolder
from xlsearch.tasks.texts import PocketTexts
from xlsearch.training.encoded import EncodedExamples
from xlsearch.training.loop import Diverged, FineTuning
from xlsearch.training.passages import Passages
from xlsearch.training.prefix_lm import prefix_lm
from xlsearch.trial.configure import RunTemplate
from xlsearch.trial.inputs import check_inputs
from xlsearch.trial.intermediate import intermediate_path, obtain_intermediate
from xlsearch.trial.report import IntermediateReport, TrialReport
from xlsearch.trial.run import run_trial

from ..conftest import SETTINGS, with_models


class Killed(BaseException):
    """Ends a process, as far as the code under test can see."""


Configure = Callable[..., IntermediateConfig]


@dataclass(frozen=True)
class Tuned:
    """A model that was tuned in one piece, and what was said meanwhile."""

    root: Path
    config: IntermediateConfig
    path: Path
    reports: list[IntermediateReport]

    @property
    def record(self) -> dict[str, Any]:
        values: dict[str, Any] = json.loads((self.path / "intermediate.json").read_text())
        return values


@pytest.fixture(scope="module")
def config(run_template: Callable[..., RunTemplate]) -> Configure:
    return lambda model="mbart", **changes: run_template(model, intermediate=changes).intermediate()


@pytest.fixture(scope="module")
def obtained(
    config: Configure, pretrained: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Tuned]:
    """The tuned model of a family, made once for all tests that only look at it."""
    made: dict[str, Tuned] = {}

    def obtain(model: str) -> Tuned:
        if model not in made:
            root = with_models(tmp_path_factory.mktemp("tuned") / "root", pretrained)
            reports: list[IntermediateReport] = []
            path = obtain_intermediate(config(model), root, reports.append)
            made[model] = Tuned(root, config(model), path, reports)
        return made[model]

    return obtain


@pytest.fixture
def tuned(obtained: Callable[[str], Tuned]) -> Tuned:
    return obtained("mbart")


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return dict(AutoModelForSeq2SeqLM.from_pretrained(folder).state_dict())


def equal(a: Path, b: Path) -> bool:
    one, other = weights(a), weights(b)
    return one.keys() == other.keys() and all(v.equal(other[k]) for k, v in one.items())


@pytest.mark.parametrize("model", ["mbart", "mt5"])
def test_it_leaves_a_model_and_says_why_this_one(
    model: str, obtained: Callable[[str], Tuned]
) -> None:
    tuned = obtained(model)
    record, reports = tuned.record, tuned.reports
    assert [c["learning_rate"] for c in record["candidates"]] == ["1e-2", "1e-3"]
    assert record["learning_rate"] in ("1e-2", "1e-3")
    assert all(math.isfinite(c["loss"]) for c in record["candidates"])
    assert 0 <= record["language_correct_rate"] <= 100
    assert AutoTokenizer.from_pretrained(tuned.path).pad_token == "<pad>"
    assert [r.step for r in reports] == sorted(r.step for r in reports)
    assert (reports[-1].phase, reports[-1].step) == ("complete", 2 * 2 + 4)
    phases = {r.phase for r in reports}
    assert {"encode en 20/20", "encode fr 20/20", "probe 1e-2", "probe 1e-3", "train"} <= phases
    assert not tuned.path.with_suffix(".work").exists()


def test_the_recorded_loss_is_that_of_the_held_out_texts(tuned: Tuned) -> None:
    """Computed again by Hugging Face's own loss, one pair at a time."""
    model = AutoModelForSeq2SeqLM.from_pretrained(tuned.path).eval()
    tokenizer = AutoTokenizer.from_pretrained(tuned.path)
    nats, tokens = 0.0, 0
    for code in ("en", "fr"):
        texts = PocketTexts().load(code, 23)[20:]
        pairs = prefix_lm(texts, 20, Passages(FAMILIES["mbart"], tokenizer, code, 256))
        for source, label in zip(*pairs, strict=True):
            with torch.no_grad():
                logits = model(
                    input_ids=torch.tensor([source]), labels=torch.tensor([label])
                ).logits
            nats += float(F.cross_entropy(logits[0], torch.tensor(label), reduction="sum"))
            tokens += len(label)
    assert tuned.record["loss"] == pytest.approx(nats / tokens, abs=1e-4)


def test_held_out_texts_are_not_trained_on(tuned: Tuned) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tuned.path)
    trained = set()
    for file in tuned.root.glob("store/encoded/*/examples.arrow"):
        if "of" in json.loads((file.parent / "content.json").read_text()):
            continue  # the pairs that it is judged on
        examples = EncodedExamples(file)
        assert len(examples) == 20
        for i in range(20):
            ids = [*examples.source(i)[1:-1].tolist(), *examples.labels(i)[1:-1].tolist()]
            trained.add(tuple(ids))
    for code in ("en", "fr"):
        pages = PocketTexts().load(code, 23)
        passages = [tuple(tokenizer(p, add_special_tokens=False)["input_ids"]) for p in pages]
        assert trained.issuperset(passages[:20])
        assert trained.isdisjoint(passages[20:])
    assert len(trained) == 40


def test_it_is_done_once(tuned: Tuned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning_module, "load_model", None)  # would be called to do it again
    assert obtain_intermediate(tuned.config, tuned.root) == tuned.path
    assert intermediate_path(tuned.config, tuned.root) == tuned.path


@pytest.mark.parametrize(("phase", "step"), [("probe 1e-3", 3), ("train", 7)])
def test_cut_in_two_it_is_the_one_in_one_piece(
    phase: str, step: int, tuned: Tuned, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the same bits, with dropout on, and without doing again what was done."""
    monkeypatch.setattr(tuning_module, "_REPORT_EVERY", 0.0)

    def kill(report: IntermediateReport) -> None:
        if (report.phase, report.step) == (phase, step):
            raise Killed

    with pytest.raises(Killed):
        obtain_intermediate(tuned.config, root, kill)
    torch.manual_seed(54321)
    reports: list[IntermediateReport] = []
    cut = obtain_intermediate(tuned.config, root, reports.append)
    assert equal(tuned.path, cut)
    assert tuned.record == json.loads((cut / "intermediate.json").read_text())
    assert min(r.step for r in reports if r.loss is not None) == step  # one a step, at the least


def test_a_run_begins_from_it(tuned: Tuned, run_template: Callable[..., RunTemplate]) -> None:
    """A learning rate that changes no weight leaves the tuned ones."""
    template = run_template(training={"steps": 1})
    with_it, without = (template.at("full", LearningRate("1e-8"), it, 0) for it in (True, False))
    assert with_it.intermediate == tuned.config
    reports: list[TrialReport] = []
    for run in (with_it, without):
        run_trial(run, tuned.root, reports.append)
    name = "model.shared.weight"
    begin, tuned_end, plain_end = (
        weights(place)[name]
        for place in (
            tuned.path,
            RunFolder(tuned.root, with_it).model,
            RunFolder(tuned.root, without).model,
        )
    )
    assert torch.allclose(tuned_end, begin, atol=1e-6)
    assert not torch.allclose(plain_end, begin, atol=1e-4)
    assert not any(report.phase.startswith("intermediate tuning") for report in reports)
    assert all(row.intermediate_tuning for row in RunFolder(tuned.root, with_it).rows)


def test_one_candidate_is_not_probed(root: Path, config: Configure) -> None:
    reports: list[IntermediateReport] = []
    only = config(learning_rates=["1e-3"], objective="random-sentences")
    path = obtain_intermediate(only, root, reports.append)
    assert json.loads((path / "intermediate.json").read_text())["candidates"] == []
    assert reports[-1].steps == 4


def test_where_all_diverge_it_says_so(
    root: Path, config: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverge(self: FineTuning, until: int) -> None:
        raise Diverged

    monkeypatch.setattr(FineTuning, "steps", diverge)
    with pytest.raises(RunFailed, match=r"mbart diverged at every learning rate \(1e-2, 1e-3\)"):
        obtain_intermediate(config(), root)
    path = intermediate_path(config(), root)
    assert not path.exists()
    assert not path.with_suffix(".work").exists()


def test_a_choice_that_diverges_later_gives_way_to_the_next_for_good(
    tuned: Tuned, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a kill: what was given up is not trained again."""
    monkeypatch.setattr(tuning_module, "_REPORT_EVERY", 0.0)
    first, steps, begun = tuned.record["learning_rate"], FineTuning.steps, []

    def diverge_late(self: FineTuning, until: int) -> Any:
        begun.append((str(LearningRate(f"{self._learning_rate:.0e}")), until))
        if until > 2 and begun[-1][0] == first:
            raise Diverged
        return steps(self, until)

    def kill(report: IntermediateReport) -> None:
        if report.phase == "train" and report.step == 7 and first not in begun[-1]:
            raise Killed

    monkeypatch.setattr(FineTuning, "steps", diverge_late)
    with pytest.raises(Killed):
        obtain_intermediate(tuned.config, root, kill)
    begun.clear()
    path = obtain_intermediate(tuned.config, root)
    chosen = json.loads((path / "intermediate.json").read_text())["learning_rate"]
    assert {first, chosen} == {"1e-2", "1e-3"}
    assert {rate for rate, _ in begun} == {chosen}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": "other"}, "text here"),
        ({"pretrained": "x"}, "mbart here"),
        ({"language_identification": "x"}, "language-identification model here"),
    ],
)
def test_a_configuration_from_elsewhere_must_fit(
    change: dict[str, str], said: str, root: Path, config: Configure
) -> None:
    with pytest.raises(UserError, match=said):
        obtain_intermediate(config().model_copy(update=change), root)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"objective": "prefix"}, "did you mean 'prefix-lm'"),
        ({"languages": ["en", "xx"]}, "xx"),
    ],
)
def test_wrong_settings_are_refused(change: dict[str, Any], said: str, config: Configure) -> None:
    with pytest.raises(UserError, match=said):
        config(**change)


def test_it_reads_the_languages_of_the_search_and_of_the_task(
    run_template: Callable[..., RunTemplate], tmp_path: Path, small_models: dict[str, Path]
) -> None:
    """Arabic is asked for; the other targets are those of XL-Sum."""
    languages = ("ar", "en", "es", "fr", "ko", "ru", "zh")
    for code in languages:
        (tmp_path / f"{code}.txt").write_text("Un.\n")
    (tmp_path / "arabic_val.jsonl").write_text('{"text": "a", "summary": "b"}\n')
    template = run_template(
        "small-mbart",
        scale="paper",
        sources=Sources(tmp_path, small_models["mbart"], text_dir=tmp_path),
        evaluation={"languages": ["ar"]},
        intermediate={"languages": None},
    )
    assert template.intermediate().languages == languages


def test_its_precision_is_its_own(run_template: Callable[..., RunTemplate]) -> None:
    other = {"training": {**SETTINGS["intermediate"]["training"], "precision": "bf16"}}
    template = run_template(training={"precision": "fp32"}, intermediate=other)
    assert template.intermediate().settings.training.precision == "bf16"


def test_there_must_be_more_texts_than_are_held_out(
    run_template: Callable[..., RunTemplate], tmp_path: Path, small_models: dict[str, Path]
) -> None:
    """Found before the search begins."""
    for code in ("en", "fr"):
        (tmp_path / f"{code}.txt").write_text("Un.\nDeux.\nTrois.\n")
    write_xlsum(tmp_path, ("en", "fr"), 4)
    sources = Sources(tmp_path, small_models["mbart"], text_dir=tmp_path)
    template = run_template("small-mbart", scale="paper", sources=sources)
    run = template.at("full", LearningRate("1e-3"), True, 0)
    said = "held_out is 3, but there are only 3 texts in en; valid: fewer"
    with pytest.raises(UserError, match=said):
        check_inputs([run], tmp_path / "root", sources)
    assert not (tmp_path / "root").exists()
