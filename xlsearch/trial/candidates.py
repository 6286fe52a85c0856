"""The weights of evaluations that a run may still choose, where not the last one counts."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from transformers import PreTrainedModel

from xlsearch.config.run import RunConfig
from xlsearch.errors import RunFailed
from xlsearch.evaluation.selection import chosen_step, possible_steps
from xlsearch.runs.folder import RunFolder
from xlsearch.runs.rows import Row
from xlsearch.training.checkpoint import load_weights, save_weights


class Candidates:
    """Keeps trained weights in the run folder until it is known which are chosen.

    Weights are kept before the run's checkpoint passes their step, and dropped after it: a run that
    is killed at any moment finds all that it needs, or makes them again.

    Args:
        folder: The run's folder.
        config: The run.
    """

    def __init__(self, folder: RunFolder, config: RunConfig) -> None:
        self._folder = folder
        self._rule = config.checkpoint
        self._source = config.source_language
        self._penalty = config.wrong_language_penalty or 0.0

    def keep(self, model: PreTrainedModel, step: int) -> None:
        """Keeps the trained weights as they are after a step."""
        if self._rule != "last":
            save_weights(self._folder.candidate(step), model)

    def drop(self, rows: Sequence[Row]) -> None:
        """Drops weights that can't be chosen any more.

        Args:
            rows: All rows of the run so far.
        """
        if self._rule == "last":
            return
        steps = possible_steps(rows, self._rule, self._source, self._penalty)
        kept = {self._folder.candidate(step) for step in steps}
        for place in self._folder.candidates.iterdir():
            if place not in kept:
                shutil.rmtree(place)

    def choose(self, model: PreTrainedModel, rows: Sequence[Row]) -> None:
        """Puts the chosen weights into the model of a run that is at its end.

        Args:
            model: As after the last step.
            rows: All rows of the run.

        Raises:
            RunFailed: If the weights are damaged. The run then begins anew when it is asked for.
        """
        if self._rule == "last":
            return
        step = chosen_step(rows, self._rule, self._source, self._penalty)
        if not load_weights(self._folder.candidate(step), model):
            self._folder.drop_checkpoint()
            raise RunFailed(
                f"{self._folder.candidate(step)} is damaged; the same command does the run again"
            )
