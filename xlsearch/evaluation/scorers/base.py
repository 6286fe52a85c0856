"""What a scorer is: a metric of the library ``evaluate`` that scores one output at a time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from statistics import fmean
from typing import Any, ClassVar

import datasets
import evaluate

from xlsearch.errors import UserError


class Scorer(evaluate.Metric):
    """A metric of outputs against their references, 0 to 100.

    A subclass has a ``name`` and says how one output is scored; averaging is the same for all.
    Nothing is kept on disk, so any number of processes can score at once.

    Attributes:
        name: Name on the command line and in the rows.
        version: Raised when the same texts would score differently.
    """

    name: ClassVar[str]
    version: ClassVar[str] = "1"

    def __init__(self, **options: Any) -> None:
        super().__init__(keep_in_memory=True, **options)

    @abstractmethod
    def score(self, prediction: str, references: Sequence[str], language: str) -> float:
        """How good an output is, 0 to 100.

        Args:
            prediction: The output, already without pretraining tokens.
            references: One or more good outputs.
            language: ISO 639-1 code of the references.
        """

    def compute(
        self,
        *,
        predictions: Sequence[str] | None = None,
        references: Sequence[Sequence[str]] | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        """Scores outputs.

        Args:
            predictions: The outputs, already without pretraining tokens.
            references: For each output, one or more good ones.
            **options: ``language``, the ISO 639-1 code of the references.

        Returns:
            ``mean`` and ``scores``, one for each output, all 0 to 100.

        Raises:
            UserError: If there is nothing to score, not as many lists of references as outputs,
                or an output without references.
        """
        # The library would keep a batch that it rejects and add the next one to it.
        if not predictions or references is None:
            raise UserError("nothing to score: there are no predictions")
        if len(predictions) != len(references):
            raise UserError(
                f"{len(predictions)} predictions but {len(references)} lists of references; "
                "each prediction needs one"
            )
        for number, good in enumerate(references, 1):
            if isinstance(good, str) or not good:
                raise UserError(f"the references of prediction {number} are no list of texts")
        computed: dict[str, Any] = super().compute(
            predictions=list(predictions), references=[list(good) for good in references], **options
        )
        return computed

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        return evaluate.MetricInfo(
            description=type(self).__doc__ or self.name,
            citation="",
            features=datasets.Features(
                {"predictions": text, "references": datasets.Sequence(text)}
            ),
        )

    def _compute(
        self, *, predictions: Sequence[str], references: Sequence[Sequence[str]], language: str
    ) -> dict[str, Any]:
        scores = [
            self.score(prediction, good, language)
            for prediction, good in zip(predictions, references, strict=True)
        ]
        return {"mean": fmean(scores), "scores": scores}

    def _build_data_dir(self) -> str:
        """No folder: the library would make one in the user's cache, though all is in memory."""
        return ""
