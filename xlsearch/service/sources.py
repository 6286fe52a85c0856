"""The folders that a user named in place of the hub, and whether they exist."""

from __future__ import annotations

from pathlib import Path

from xlsearch.config.sources import Sources
from xlsearch.errors import UserError
from xlsearch.languages.identification import LanguageIdentifier


def check_sources(sources: Sources) -> None:
    """Refuses places that do not exist, before anything is loaded from them.

    Raises:
        UserError: For the first.
    """
    for option, place in folders(sources).items():
        if place is not None and not place.is_dir():
            what = "is not a folder" if place.exists() else "does not exist"
            raise UserError(f"{option} {place} {what}; expected a folder")
    LanguageIdentifier(sources.lid_model).check()


def folders(sources: Sources) -> dict[str, Path | None]:
    """The folders that stand in for the hub, by option."""
    return {
        "--data-dir": sources.data_dir,
        "--model-path": sources.model_path,
        "--text-dir": sources.text_dir,
        "--parallel-dir": sources.parallel_dir,
        "--translator-path": sources.translator_path,
    }
