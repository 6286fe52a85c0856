"""Intermediate tuning: once, to the same bits, on text that it is not judged on."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

import xlsearch.trial.intermediate as tuning_module
from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.run import IntermediateConfig
from xlsearch.errors import RunFailed, UserError
from xlsearch.models.families import FAMILIES
from xlsearch.runs.folder import RunFolder
from xlsearch.tasks.texts import PocketTexts
from xlsearch.training.encoded import EncodedExamples
from xlsearch.training.loop import Diverged, FineTuning
from xlsearch.training.passages import Passages
from xlsearch.training.prefix_lm import prefix_lm
from xlsearch.trial.configure import RunTemplate
from xlsearch.trial.intermediate import intermediate_path, obtain_intermediate
from xlsearch.trial.report import IntermediateReport, TrialReport
from xlsearch.trial.run import run_trial


class Killed(BaseException):
    """Ends a process, as far as the code under test can see."""


@pytest.fixture
def config(run_template: Callable[..., RunTemplate]) -> Callable[..., IntermediateConfig]:
    return lambda model="mbart", **changes: run_template(model, intermediate=changes).intermediate()


def other_root(root: Path, name: str) -> Path:
    """Another root that shares the store of pretrained models."""
    folder = root.with_name(name)
    (folder / "store").mkdir(parents=True)
    (folder / "store/pocket-model").symlink_to(root / "store/pocket-model")
    return folder


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return dict(AutoModelForSeq2SeqLM.from_pretrained(folder).state_dict())


def equal(a: Path, b: Path) -> bool:
    one, other = weights(a), weights(b)
    return one.keys() == other.keys() and all(v.equal(other[k]) for k, v in one.items())


@pytest.mark.parametrize("model", ["mbart", "mt5"])
def test_it_leaves_a_model_and_says_why_this_one(
    model: str, root: Path, config: Callable[..., IntermediateConfig]
) -> None:
    reports: list[IntermediateReport] = []
    path = obtain_intermediate(config(model), root, reports.append)
    record = json.loads((path / "intermediate.json").read_text())
    assert [c["learning_rate"] for c in record["candidates"]] == ["1e-2", "1e-3"]
    assert record["learning_rate"] in ("1e-2", "1e-3")
    assert all(math.isfinite(c["loss"]) for c in record["candidates"])
    assert 0 <= record["language_correct_rate"] <= 100
    assert AutoTokenizer.from_pretrained(path).pad_token == "<pad>"
    assert [r.step for r in reports] == sorted(r.step for r in reports)
    assert (reports[-1].phase, reports[-1].step) == ("complete", 2 * 2 + 4)
    assert {"probe 1e-2", "probe 1e-3", "train"} <= {r.phase for r in reports}
    assert not path.with_suffix(".work").exists()


def test_the_recorded_loss_is_that_of_the_held_out_texts(
    root: Path, config: Callable[..., IntermediateConfig]
) -> None:
    """Computed again by Hugging Face's own loss, one pair at a time."""
    path = obtain_intermediate(config(), root)
    record = json.loads((path / "intermediate.json").read_text())
    model = AutoModelForSeq2SeqLM.from_pretrained(path).eval()
    tokenizer = AutoTokenizer.from_pretrained(path)
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
    assert record["loss"] == pytest.approx(nats / tokens, abs=1e-4)


def test_held_out_texts_are_not_trained_on(
    root: Path, config: Callable[..., IntermediateConfig]
) -> None:
    path = obtain_intermediate(config(), root)
    tokenizer = AutoTokenizer.from_pretrained(path)
    trained = set()
    for folder in root.glob("store/encoded/*[0-9a-f]"):
        if not folder.is_dir() or "of" in json.loads((folder / "content.json").read_text()):
            continue  # the pairs that it is judged on
        examples = EncodedExamples(folder / "examples.arrow")
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


def test_it_is_done_once(
    root: Path, config: Callable[..., IntermediateConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = obtain_intermediate(config(), root)
    monkeypatch.setattr(tuning_module, "load_model", None)  # would be called to do it again
    assert obtain_intermediate(config(), root) == first
    assert intermediate_path(config(), root) == first


@pytest.mark.parametrize(("phase", "step"), [("probe 1e-3", 3), ("train", 7)])
def test_cut_in_two_it_is_the_one_in_one_piece(
    phase: str,
    step: int,
    root: Path,
    config: Callable[..., IntermediateConfig],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To the same bits, with dropout on, and without doing again what was done."""
    monkeypatch.setattr(tuning_module, "_REPORT_EVERY", 0.0)

    def kill(report: IntermediateReport) -> None:
        if (report.phase, report.step) == (phase, step):
            raise Killed

    whole = obtain_intermediate(config(), other_root(root, "whole"))
    cut_root = other_root(root, "cut")
    with pytest.raises(Killed):
        obtain_intermediate(config(), cut_root, kill)
    torch.manual_seed(54321)
    reports: list[IntermediateReport] = []
    cut = obtain_intermediate(config(), cut_root, reports.append)
    assert equal(whole, cut)
    assert (whole / "intermediate.json").read_text() == (cut / "intermediate.json").read_text()
    assert min(r.step for r in reports if r.loss is not None) == step  # one a step, at the least


def test_a_run_begins_from_it(root: Path, run_template: Callable[..., RunTemplate]) -> None:
    """A learning rate that changes no weight leaves the tuned ones."""
    tuned = run_template().at("full", LearningRate("1e-8"), True, 0)
    plain = run_template().at("full", LearningRate("1e-8"), False, 0)
    reports: list[TrialReport] = []
    for run in (tuned, plain):
        run_trial(run, root, reports.append)
    assert tuned.intermediate is not None
    begin = weights(intermediate_path(tuned.intermediate, root))
    with_it, without = (weights(RunFolder(root, run).model) for run in (tuned, plain))
    name = "model.shared.weight"
    assert torch.allclose(with_it[name], begin[name], atol=1e-6)
    assert not torch.allclose(without[name], begin[name], atol=1e-4)
    assert any(report.phase.startswith("intermediate tuning 8/8") for report in reports)
    assert all(row.intermediate_tuning for row in RunFolder(root, tuned).rows)


def test_one_candidate_is_not_probed(root: Path, config: Callable[..., IntermediateConfig]) -> None:
    reports: list[IntermediateReport] = []
    only = config(learning_rates=["1e-3"], objective="random-sentences")
    path = obtain_intermediate(only, root, reports.append)
    assert json.loads((path / "intermediate.json").read_text())["candidates"] == []
    assert reports[-1].steps == 4


def test_where_all_diverge_it_says_so(
    root: Path, config: Callable[..., IntermediateConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverge(self: FineTuning, until: int) -> None:
        raise Diverged

    monkeypatch.setattr(FineTuning, "steps", diverge)
    with pytest.raises(RunFailed, match=r"mbart diverged at every learning rate \(1e-2, 1e-3\)"):
        obtain_intermediate(config(), root)
    assert not intermediate_path(config(), root).exists()


def test_a_choice_that_diverges_later_gives_way_to_the_next(
    root: Path, config: Callable[..., IntermediateConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = obtain_intermediate(config(), other_root(root, "first"))
    first = json.loads((path / "intermediate.json").read_text())["learning_rate"]
    steps = FineTuning.steps

    def diverge_late(self: FineTuning, until: int) -> Any:
        if until > 2 and str(LearningRate(f"{self._learning_rate:.0e}")) == first:
            raise Diverged
        return steps(self, until)

    monkeypatch.setattr(FineTuning, "steps", diverge_late)
    path = obtain_intermediate(config(), other_root(root, "second"))
    chosen = json.loads((path / "intermediate.json").read_text())["learning_rate"]
    assert {first, chosen} == {"1e-2", "1e-3"}


@pytest.mark.parametrize(
    ("change", "said"), [({"text": "other"}, "text here"), ({"pretrained": "x"}, "mbart here")]
)
def test_a_configuration_from_elsewhere_must_fit(
    change: dict[str, str], said: str, root: Path, config: Callable[..., IntermediateConfig]
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
def test_wrong_settings_are_refused(
    change: dict[str, Any], said: str, config: Callable[..., IntermediateConfig]
) -> None:
    with pytest.raises(UserError, match=said):
        config(**change)
