"""The fault drill: one search again and again, something killed or broken at random moments.

    python tests/faults/drill.py --models ROOT --kills 30 --seed 0

Each search runs on a Ray cluster of two nodes on this machine. It is first run undisturbed. Then it
is run in new root folders, and at random moments a fault strikes (``drill_faults.py``). The same
command is given again whenever it has ended without an answer, and at the end the search must have
found what the undisturbed one found. Prints what was done as a table, and exits with 1 if a
finished run was lost or repeated, or an answer differs.

``--models`` is a root folder with a pretrained pocket model; its ``store/pocket-model`` is copied.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import drill_disk
from drill_cluster import TwoNodes
from drill_faults import FAULTS, HANG_MINUTES, Fault
from drill_record import Answer, Finished, answer

STUDY = "drill"

SPACE = """\
learning_rates: {decades: [1, 3, 4, 5], limits: [1, 6]}
scales:
  pocket:
    default:
      training:
        {steps: 40, warmup_steps: 4, batch_tokens: 1500, examples: 300, weight_decay: 100}
      evaluation: {every_steps: 8, examples: 6}
      generation: {max_new_tokens: 12}
      intermediate:
        training: {steps: 40, warmup_steps: 4, batch_tokens: 1500, examples: 100}
        probe_steps: 8
        held_out: 4
        max_new_tokens: 12
"""
"""All three stages, in trials long enough to be struck in the middle. The weight decay is so strong
that the loss at 1e-1 is soon not finite: in each search a trial diverges."""

LONGEST = 2400.0
"""Seconds after which a search counts as one that hangs."""


@dataclass
class Search:
    """One search under fire.

    Attributes:
        folder: Its own folder, with the root folder in it.
        cluster: Where it runs.
        finished: The runs that were finished so far.
        driver: The process of the command.
        restarts: How often the command was given again.
    """

    folder: Path
    cluster: TwoNodes
    finished: Finished
    driver: subprocess.Popen[bytes] | None = None
    restarts: int = -1

    @property
    def root(self) -> Path:
        """The root folder."""
        return self.folder / "root"

    @property
    def output(self) -> Path:
        """What the command printed, every time that it was given."""
        return self.folder / "output.txt"

    def command(self) -> list[str]:
        """The command that begins the search and goes on with it."""
        space = self.folder / "space.yaml"
        space.write_text(SPACE, encoding="utf-8")
        what = ["--task", "xlsum", "--model", "mbart", "--scale", "pocket", "--space", str(space)]
        where = ["--study", STUDY, "--root", str(self.root), "--address", self.cluster.address]
        how = ["--hang-timeout", str(HANG_MINUTES)]
        return [sys.executable, "-m", "xlsearch", "launch", *what, *where, *how]

    def give_command(self) -> None:
        """Starts the driver, or the next one."""
        self.restarts += 1
        with self.output.open("ab") as output:
            self.driver = subprocess.Popen(
                self.command(),
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.cluster.environment,
                start_new_session=True,
            )

    def goes_on(self) -> bool:
        """Whether there is no answer yet; a driver that ended without one is started again."""
        assert self.driver is not None
        code = self.driver.poll()
        if code == 0:
            return False
        if code is not None:
            assert code != 2, self.output.read_text()[-3000:]
            self.cluster.mend()
            self.give_command()
        return True

    def workers(self) -> dict[int, Path]:
        """The processes that work on a run and its folder, by the locks of the run folders."""
        pids = {}
        for note in self.root.glob("runs/*/lock.holder.json"):
            try:
                pid = int(json.loads(note.read_text(encoding="utf-8"))["pid"])
                os.kill(pid, 0)
            except (OSError, ValueError, KeyError):
                continue
            pids[pid] = note.parent
        return pids


def run(
    folder: Path, models: Path, faults: list[Fault], rng: random.Random, gap: tuple[float, float]
) -> tuple[Search, Answer, list[str]]:
    """One search, struck by faults in turn.

    Args:
        folder: For all that the search writes; must not exist.
        models: A root folder with a pretrained model.
        faults: The first is taken off when it has struck.
        rng: Draws the moments.
        gap: Least and most seconds from one fault to the next.

    Returns:
        The search, what it found, and what was done to it.
    """
    root = folder / "root"
    drill_disk.mount(root)
    shutil.copytree(models / "store" / "pocket-model", root / "store" / "pocket-model")
    done: list[str] = []
    with TwoNodes(folder) as cluster:
        search = Search(folder, cluster, Finished(root))
        search.give_command()
        begin = time.monotonic()
        strike_at = begin + rng.uniform(*gap)
        while search.goes_on():
            assert time.monotonic() - begin < LONGEST, f"{folder} hangs; done so far: {done}"
            time.sleep(0.2)
            search.finished.look()
            if faults and time.monotonic() >= strike_at and search.workers():
                what = faults[0](search, rng)
                if what is not None:
                    faults.pop(0)
                    done.append(what)
                    strike_at = time.monotonic() + rng.uniform(*gap)
        search.finished.look()
        return search, answer(root, STUDY), done


def planned(count: int, kinds: list[str], rng: random.Random) -> list[Fault]:
    """So many faults in random order, each kind as often as the others."""
    chosen = [FAULTS[kinds[i % len(kinds)]] for i in range(count)]
    rng.shuffle(chosen)
    return chosen


def main() -> int:
    """The drill; see the module's text."""
    parser = argparse.ArgumentParser(description="Breaks searches at random moments.")
    parser.add_argument("--models", type=Path, required=True, help="root with a pretrained model")
    parser.add_argument("--kills", type=int, default=30, help="faults in all")
    parser.add_argument("--seed", type=int, default=0, help="of kinds and moments")
    parser.add_argument("--only", nargs="+", choices=sorted(FAULTS), help="kinds of faults")
    parser.add_argument("--gap", type=float, nargs=2, default=(4.0, 14.0), help="seconds between")
    options = parser.parse_args()
    # A shell's background job ignores it, and so would the searches: they could not be interrupted.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    rng, gap = random.Random(options.seed), (options.gap[0], options.gap[1])
    place = Path(tempfile.mkdtemp(prefix="drill-", dir="/tmp"))
    faults = planned(options.kills, options.only or sorted(FAULTS), rng)

    _, expected, _ = run(place / "calm", options.models, [], rng, gap)
    drill_disk.unmount(place / "calm" / "root")
    runs = f"{len(expected.objectives)} runs and {len(expected.diverged)} diverged"
    print(f"undisturbed: {runs}, best {expected.best[:12]}", flush=True)
    struck: Counter[str] = Counter()
    rows, failed = [], False
    while faults:
        folder = place / f"search-{len(rows) + 1}"
        search, found, done = run(folder, options.models, faults, rng, gap)
        struck.update(what.split(":")[0] for what in done)
        same = found.same_as(expected)
        lost, repeated = len(search.finished.lost), len(search.finished.repeated) + found.repeated
        well = same and not lost and not repeated
        failed |= not well
        shown = "the same" if same else "**different**"
        if parts := found.describe_parts(expected):
            shown += f" ({parts})"
        rows.append(f"| {len(done)} | {search.restarts} | {lost} | {repeated} | {shown} |")
        print(f"{folder.name}: {'; '.join(done) or 'nothing'}\n{rows[-1]}", flush=True)
        if well:
            drill_disk.unmount(folder / "root")
            shutil.rmtree(folder)

    print("\n| search | faults | command given again | finished runs lost | repeated | answer |")
    print("|---|---|---|---|---|---|")
    for number, row in enumerate(rows, start=1):
        print(f"| {number} {row}")
    print("\n| fault | times |\n|---|---|")
    for name, times in sorted(struck.items()):
        print(f"| {name} | {times} |")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
