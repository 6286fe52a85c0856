"""Where this machine keeps what a run is made of. None of it decides a run's outcome."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sources:
    """Places that a user names in place of the hub and of what the package carries.

    A run is named by the content of what lies there, never by the place.

    Attributes:
        data_dir: Folder with the task's files in their official formats.
        model_path: Folder of a pretrained model.
        text_dir: Folder with plain text, for intermediate tuning and PrefixLM instances.
        parallel_dir: Folder with parallel sentences, for XLRS.
        translator_path: Folder of a translation model, for translate-train and translated outputs.
        lid_model: fastText model that identifies languages.
        plugins: Python files with tasks, scorers and models of the user's own.
    """

    data_dir: Path | None = None
    model_path: Path | None = None
    text_dir: Path | None = None
    parallel_dir: Path | None = None
    translator_path: Path | None = None
    lid_model: Path | None = None
    plugins: tuple[Path, ...] = ()


NOWHERE = Sources()
"""Everything from the hub, the pocket world, and the package."""
