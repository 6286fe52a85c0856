"""Does the paper's effect show on the pocket world? Searches, baselines, and each claim checked.

    python benchmarks/effect.py --task xlsum --model mbart --seeds 0 1 2 --pretraining-seeds 0 1

Runs `xlsearch launch` once for each pair of seeds and compares, on the same documents, with what
no model is needed for: copying the first sentence, or the first pieces up to the output limit.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from statistics import fmean
from typing import Any

from xlsearch.evaluation.scorers.registry import find_scorer
from xlsearch.models.catalogue import find_model
from xlsearch.models.families import FAMILIES
from xlsearch.models.loading import load_tokenizer
from xlsearch.runs.content import ContentStore
from xlsearch.service.search import Search, SearchOptions, resolve
from xlsearch.tasks.base import Split

SPACE = "learning-rates"
"""The claims are about learning rates, without intermediate tuning."""

_SENTENCE_END = re.compile(r"(?<=[.?!])\s+|(?<=[。？！])")


def main() -> None:
    """Runs all searches and prints one line for each, and a table of the claims."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--pretraining-seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--root", type=Path, default=Path("xlsearch-runs"))
    arguments = parser.parse_args()
    failed = 0
    for pretraining_seed in arguments.pretraining_seeds:
        for seed in arguments.seeds:
            search = resolve(
                SearchOptions(
                    arguments.task,
                    arguments.model,
                    space=SPACE,
                    seed=seed,
                    pretraining_seed=pretraining_seed,
                )
            )
            status = run_search(search, arguments.root)
            failed += report(search, status, arguments.root)
    sys.exit(1 if failed else 0)


def run_search(search: Search, root: Path) -> dict[str, Any]:
    """Launches one search and returns its status."""
    seed, pretraining_seed = search.seed, search.template.pretraining_seed
    command = [
        sys.executable, "-m", "xlsearch", "launch", "--json",
        "--task", search.task.name, "--model", search.model.name, "--space", SPACE,
        "--seed", str(seed), "--pretraining-seed", str(pretraining_seed),
        "--root", str(root), "--study", f"{search.default_study}-p{pretraining_seed}-s{seed}",
    ]  # fmt: skip
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    status: dict[str, Any] = json.loads(done.stdout)
    return status


def report(search: Search, status: dict[str, Any], root: Path) -> int:
    """Prints the curve, the baselines and the claims of one search; returns the failed claims."""
    curve = {}
    for trial in status["trials"]:
        rows = root / "runs" / trial["run"] / "evaluations.jsonl"
        last = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines()]
        last = [row for row in last if row["step"] == last[-1]["step"]]
        others = [row for row in last if row["language"] != "en"]
        curve[trial["learning_rate"]] = {
            "objective": trial["objective"],
            "score": fmean(row["score"] for row in others),
            "LCR": fmean(row["language_correct_rate"] for row in others),
            "length": fmean(row["mean_length"] for row in others),
            "en": next(row["score"] for row in last if row["language"] == "en"),
        }
    best = status["best"]["learning_rate"]
    largest = max(curve)
    copies = baselines(search, root)
    print(
        f"\n{search.task.name} {search.model.name} pretraining seed "
        f"{search.template.pretraining_seed} seed {search.seed}; copying scores {copies}"
    )
    for rate in sorted(curve):
        figures = "  ".join(f"{name} {value:6.1f}" for name, value in curve[rate].items())
        print(f"  {rate:7.0e}  {figures}{'  <- chosen' if rate == best else ''}")
    neighbours = [rate for rate in curve if rate != best and 3 < max(rate / best, best / rate) < 40]
    claims = {
        "chosen LR inside the ladder": min(curve) < best < largest,
        "LCR > 90 there": curve[best]["LCR"] > 90,
        "LCR < 40 at the largest LR": curve[largest]["LCR"] < 40,
        "English no worse than -5 there": curve[largest]["en"] >= curve[best]["en"] - 5,
        "beats both neighbours": len(neighbours) >= 2
        and all(curve[best]["objective"] > curve[rate]["objective"] for rate in neighbours),
        "beats copying": curve[best]["score"] > max(copies.values()),
    }
    for claim, holds in claims.items():
        print(f"  {'yes' if holds else 'NO '}  {claim}")
    return sum(not holds for holds in claims.values())


def baselines(search: Search, root: Path) -> dict[str, float]:
    """Mean target-language scores of what copying from the source gives."""
    settings = search.settings
    scorer, data = find_scorer(search.task.scorer), search.task.data(search.scale)
    entry = find_model(search.model.name, search.scale)
    seed = search.template.pretraining_seed
    tokenizer = load_tokenizer(entry.obtain(ContentStore(root), seed))
    family = FAMILIES[entry.family]
    scores: dict[str, list[float]] = {"first sentence": [], "first pieces": [], "last sentence": []}
    for code in search.template.languages():
        for example in data.load(Split.EVALUATION, code, settings.evaluation.examples).examples:
            sentences = [part for part in _SENTENCE_END.split(example.source) if part]
            (ids,) = family.encode(
                tokenizer, [example.source], code, settings.generation.max_new_tokens
            )
            copies = {
                "first sentence": sentences[0],
                "first pieces": tokenizer.decode(ids, skip_special_tokens=True),
                "last sentence": sentences[-1],
            }
            for name, copy in copies.items():
                scores[name].append(scorer.score(str(copy), example.references, code))
    return {name: round(fmean(values), 1) for name, values in scores.items()}


if __name__ == "__main__":
    main()
