"""What this machine can run, and what is missing."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import xlsearch
from xlsearch.config.space import SCALES
from xlsearch.errors import UserError
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.runs.remote import location_of

_PACKAGES = (
    *("torch", "transformers", "ray", "optuna", "pyarrow", "safetensors", "datasets", "evaluate"),
    *("rouge-score", "nltk", "jieba", "fugashi", "ipadic", "pythainlp"),
)

_EXTRAS = {
    "dashboard": "optuna_dashboard",
    "postgresql": "psycopg",
    "s3": "s3fs",
    "gcs": "gcsfs",
}
"""The module by which an extra of this package is known to be installed."""


def examine(root: Path) -> dict[str, Any]:
    """The findings of ``xlsearch doctor``.

    Returns:
        Facts by name, and under ``missing`` one sentence for each thing that stands in the way.
    """
    missing = []
    versions: dict[str, str | None] = {}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = None
            missing.append(f"package {name} is not installed")
    try:
        identifier = LanguageIdentifier()
        label = identifier.identify(["Where is the nearest railway station?"])[0]
        if label != "en":
            missing.append(f"language identification takes an English sentence for {label}")
    except (UserError, ImportError) as error:
        missing.append(f"language identification: {error}")
    device, gpus, bf16 = "unknown", 0, False
    try:
        import torch

        from xlsearch.models.precision import best_device, device_name, multiplies_bf16

        device, gpus = device_name(best_device()), torch.cuda.device_count()
        bf16 = multiplies_bf16(best_device())
    except ImportError as error:
        missing.append(f"torch does not load: {error}")
    existing = next(path for path in (root.resolve(), *root.resolve().parents) if path.exists())
    return {
        "xlsearch": xlsearch.__version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "packages": versions,
        "cpus": os.cpu_count(),
        "device": device,
        "gpus": gpus,
        "bf16": bf16,
        "root": location_of(root.resolve()),
        "free_disk_gb": round(shutil.disk_usage(existing).free / 1e9, 1),
        "scales": list(SCALES),
        "extras": [name for name, module in _EXTRAS.items() if find_spec(module) is not None],
        "missing": missing,
    }
