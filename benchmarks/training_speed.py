"""How fast the training loop and the evaluation are, as a share of what the hardware allows.

    python benchmarks/training_speed.py --model mbart
    python benchmarks/training_speed.py --model mt5-base --steps 200
    python benchmarks/training_speed.py --model mbart --small        # seconds on a CPU

Builds the model of the published sizes with random weights (nothing is downloaded), trains on
random pieces in batches of 4,000 tokens, with bf16 autocast over fp32 weights where the device
multiplies bf16, and generates once. The floor is the time that the operations and the memory
traffic of an update take at the data sheet's rates (`xlsearch/service/cost.py`).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from xlsearch.config.training import GenerationSettings, TrainingSettings
from xlsearch.evaluation.generation import generate
from xlsearch.models.architecture import Architecture
from xlsearch.models.families import FAMILIES
from xlsearch.models.hub import HUB_MODELS
from xlsearch.models.loading import load_tokenizer
from xlsearch.models.precision import best_device, device_name, resolve_precision
from xlsearch.service.cost import floor_seconds
from xlsearch.training.batches import START, BatchStream
from xlsearch.training.checkpoint import Counters
from xlsearch.training.loop import FineTuning, build_optimizer
from xlsearch.training.mixture import Mixture

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
from small_model import build, random_model

_HARDWARE = {
    "A100": (312e12, 1.94e12),
    "H100": (989e12, 3.35e12),
    "H200": (989e12, 4.8e12),
}
"""bf16 operations and bytes a second, from the data sheets (SXM forms, 80 GB for the A100)."""

_SMALL = Architecture(32, 32, 64, 2, 2_000, gated=False, tied=True)
_WARM_UP = 20
"""First steps, in which memory is allotted and kernels are chosen; not timed."""


class RandomExamples:
    """Random pieces with the lengths of news articles and their summaries."""

    def __init__(self, count: int, limit: int, vocabulary: int, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.source_lengths = np.minimum(limit, rng.normal(600, 200, count).clip(32)).astype(int)
        self.label_lengths = rng.normal(36, 10, count).clip(8).astype(int)
        self._vocabulary = vocabulary

    def __len__(self) -> int:
        return len(self.source_lengths)

    def source(self, index: int) -> npt.NDArray[np.int32]:
        """Source ids of an example."""
        return self._ids(index, self.source_lengths[index])

    def labels(self, index: int) -> npt.NDArray[np.int32]:
        """Label ids of an example."""
        return self._ids(index, self.label_lengths[index])

    def _ids(self, index: int, length: int) -> npt.NDArray[np.int32]:
        rng = np.random.default_rng([index, length])
        return rng.integers(200, self._vocabulary, length, dtype=np.int32)


def main() -> None:
    """Trains, generates, and prints one line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=HUB_MODELS, required=True)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--batch-tokens", type=int, default=4000)
    parser.add_argument("--outputs", type=int, default=500)
    parser.add_argument("--small", action="store_true", help="a tiny model of the same family")
    given = parser.parse_args()
    entry = HUB_MODELS[given.model]
    sizes = _SMALL if given.small else entry.architecture
    family, device = FAMILIES[entry.family], best_device()
    torch.manual_seed(0)
    model = random_model(entry.family, sizes).to(device)  # type: ignore[arg-type]
    settings = TrainingSettings(
        steps=given.steps, warmup_steps=_WARM_UP, batch_tokens=given.batch_tokens
    )
    precision = resolve_precision(settings.precision, device)
    examples = RandomExamples(5000, entry.input_limit, sizes.vocabulary)
    stream = BatchStream(Mixture([examples], [1.0]), given.batch_tokens, 0, 1, START)  # type: ignore[arg-type]
    tuning = FineTuning(
        model, family, build_optimizer(model, settings), stream, settings, 1e-5, Counters()
    )
    print(
        f"{given.model} {sizes.parameters / 1e6:.0f}M weights, {device_name(device)}, {precision}"
    )
    for _ in tuning.steps(min(_WARM_UP, given.steps // 2)):
        pass
    before, begin = tuning.counters, time.perf_counter()
    for _ in tuning.steps(given.steps):
        pass
    seconds = time.perf_counter() - begin
    steps = tuning.counters.step - before.step
    tokens = tuning.counters.train_tokens - before.train_tokens
    print(
        f"training: {1e3 * seconds / steps:.1f} ms a step, {tokens / seconds:,.0f} tokens a second"
    )
    hardware = next((v for k, v in _HARDWARE.items() if k in device_name(device)), None)
    if hardware:
        length = float(examples.source_lengths.mean())
        floor = floor_seconds(sizes, given.batch_tokens, length, *hardware)
        print(f"floor: {1e3 * floor:.1f} ms a step; reached {floor / (seconds / steps):.0%} of it")
    with tempfile.TemporaryDirectory() as folder:
        words = (" ".join(f"w{(i * j) % 997}" for j in range(1, 40)) for i in range(1, 400))
        build(entry.family, Path(folder), words, pieces=1000)
        tokenizer = load_tokenizer(Path(folder))
    sources = [examples.source(i).tolist() for i in range(given.outputs)]
    begin = time.perf_counter()
    generate(
        model, tokenizer, family, sources, "fr",
        GenerationSettings(max_new_tokens=40), 32_000, precision,
    )  # fmt: skip
    seconds = time.perf_counter() - begin
    print(f"evaluation: {given.outputs / seconds:,.1f} outputs of up to 40 pieces a second, greedy")
    if device.type == "cuda":
        print(f"memory: {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB at the peak")


if __name__ == "__main__":
    main()
