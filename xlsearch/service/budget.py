"""A budget of device time: what a search may spend before it starts nothing new."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xlsearch.errors import UserError
from xlsearch.search.spending import DeviceTime, hours_in_words
from xlsearch.service.cost import Cost

_UNITS = {"gpuh": "GPU-hours", "cpuh": "core-hours"}
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(gpuh|cpuh)")


@dataclass(frozen=True)
class Budget:
    """Device time that a study may cost, over all launches.

    Attributes:
        hours: How much.
        unit: ``gpuh``, GPU-hours, or ``cpuh``, core-hours.
    """

    hours: float
    unit: str

    @classmethod
    def parse(cls, text: str) -> Budget:
        """A budget as written on the command line.

        Raises:
            UserError: If it is none.
        """
        found = _WRITTEN.fullmatch(text.strip().lower())
        if not found or not float(found[1]):
            raise UserError(
                f"--budget {text!r} is no budget: write a number above 0 and a unit, 40gpuh "
                "(GPU-hours) or 12.5cpuh (core-hours)"
            )
        return cls(float(found[1]), found[2])

    def __str__(self) -> str:
        return f"{hours_in_words(self.hours)} {self.unit_in_words}"

    @property
    def unit_in_words(self) -> str:
        """GPU-hours or core-hours."""
        return _UNITS[self.unit]

    def of(self, time: DeviceTime) -> float:
        """Hours of a device time that count."""
        return (time.gpu_seconds if self.unit == "gpuh" else time.core_seconds) / 3600

    def check_devices(self, gpus: float) -> None:
        """Refuses a budget that nothing would count towards.

        Args:
            gpus: GPUs a trial, 0 where trials run without.

        Raises:
            UserError: If the unit is that of other devices.
        """
        right = "gpuh" if gpus else "cpuh"
        if self.unit != right:
            where = "on GPUs" if gpus else "without a GPU"
            raise UserError(
                f"--budget {self}: trials run {where} here, so the budget must be in "
                f"{_UNITS[right]}, e.g. --budget {hours_in_words(self.hours)}{right}"
            )

    def fit(self, cost: Cost) -> str:
        """In a sentence, whether a search that was not begun fits."""
        gpu = self.unit == "gpuh"
        runs = cost.gpu_hours if gpu else cost.cpu_hours
        tuning = cost.intermediate_tuning
        once = 0.0 if tuning is None else tuning.gpu_hours if gpu else tuning.cpu_hours
        least, most = runs.at_least + once, runs.at_most + once
        said = f"{hours_in_words(least)} to {hours_in_words(most)} {_UNITS[self.unit]} are expected"
        if not most:
            other = "cpuh" if gpu else "gpuh"
            return f"budget {self}: this search spends {_UNITS[other]}; give it in {other}"
        if most <= self.hours:
            return f"budget {self}: enough, {said}"
        if least <= self.hours:
            return f"budget {self}: perhaps enough, {said}"
        return f"budget {self}: not enough, {said}; the search would stop on its way"
