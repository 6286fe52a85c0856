"""Data sets of the Hugging Face hub, as the Parquet files of one commit.

What was downloaded once is used without the network. The files of a commit are read here, and not
by ``datasets.load_dataset``: that asks the hub each time, and takes the newest prepared copy of
whatever commit where it can't be reached.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xlsearch.errors import UserError
from xlsearch.runs.atomic import write_text
from xlsearch.tasks.json_rows import Row

_TIMEOUT = 10.0
"""Seconds in which the hub has to answer the first question."""

_FIRST = re.compile(r"(.*-)?0+(-of-\d+)?\.parquet")
"""Name of the first file of a set, e.g. ``0000.parquet`` or ``train-00000-of-00002.parquet``."""

_BATCH = 256


@dataclass(frozen=True)
class HubDataset:
    """A data set of the hub at a revision.

    Attributes:
        id: Its name on the hub.
        revision: Branch or commit.
        instead: The option that does without the hub, for messages.
    """

    id: str
    revision: str = "main"
    instead: str = "--data-dir with its files"

    @property
    def commit(self) -> str:
        """The commit of the revision: as it was at the first download, else as the hub has it.

        Raises:
            UserError: If it is neither in the cache nor to be had from the hub.
        """
        if self._ref.is_file():
            return self._ref.read_text(encoding="utf-8").strip()
        commit = self.ask(self.revision)
        self._ref.parent.mkdir(parents=True, exist_ok=True)
        write_text(self._ref, commit)
        return commit

    @property
    def fingerprint(self) -> str:
        """Names the content: ``<id>@<commit>``."""
        return f"{self.id}@{self.commit}"

    def ask(self, revision: str) -> str:
        """The commit of a revision as the hub has it. Fails at once where there is no hub.

        Raises:
            UserError: If it can't be had.
        """
        from huggingface_hub import HfApi

        with self.reaching():
            answer = HfApi().dataset_info(
                self.id, revision=revision, timeout=_TIMEOUT, expand=["sha"]
            )
        assert answer.sha is not None
        return answer.sha

    def rows(self, start: str, columns: Sequence[str]) -> Iterator[Row]:
        """The rows of all Parquet files whose path begins so.

        Args:
            start: Folder and beginning of the files' names, e.g. ``plain_text/train-``.
            columns: Those that are needed.

        Raises:
            UserError: If the files can't be had, or lack a column.
        """
        import pyarrow.parquet as parquet

        for path in self._files(start):
            file = parquet.ParquetFile(path)
            where = f"{self.id}, {os.path.split(start)[0]}/{path.name}"
            for column in columns:
                if column not in file.schema_arrow.names:
                    has = ", ".join(file.schema_arrow.names)
                    raise UserError(f"{where}: there is no {column!r}; there is {has}")
            number = 0
            for batch in file.iter_batches(_BATCH, columns=list(columns)):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(values, f"{where}, row {number}")

    def _files(self, start: str) -> list[Path]:
        """The files, downloaded if they are not in the cache."""
        commit = self.commit
        snapshot = self._cache / "snapshots" / commit
        folder, beginning = os.path.split(start)
        found = sorted((snapshot / folder).glob(f"{beginning}*.parquet"))
        if found and _FIRST.fullmatch(found[0].name):
            return found
        from huggingface_hub import HfApi, hf_hub_download

        self.ask(commit)
        with self.reaching():
            listed = HfApi().list_repo_files(self.id, revision=commit, repo_type="dataset")
            names = sorted(n for n in listed if n.startswith(start) and n.endswith(".parquet"))
            # The first file comes last: where it is, all are, also after an interruption.
            for name in reversed(names):
                hf_hub_download(self.id, name, revision=commit, repo_type="dataset")
        if not names:
            raise UserError(f"{self.id} at {commit} has no Parquet file {start}*")
        return [snapshot / name for name in names]

    @property
    def _cache(self) -> Path:
        """The data set's folder in the cache of the hub's library."""
        from huggingface_hub import constants

        return Path(constants.HF_HUB_CACHE) / f"datasets--{self.id.replace('/', '--')}"

    @property
    def _ref(self) -> Path:
        """The file in which the cache keeps the revision's commit."""
        return self._cache / "refs" / self.revision

    @contextlib.contextmanager
    def reaching(self) -> Iterator[None]:
        """Turns every way in which the hub can be out of reach into one sentence."""
        try:
            yield
        # The errors' common type has changed with each HTTP client of the hub's library.
        except Exception as error:
            reason = re.split(r"\.?\s*(?:\n|\. |$)", str(error).strip(), maxsplit=1)[0]
            raise UserError(
                f"the data set {self.id} can't be had from the hub ({type(error).__name__}: "
                f"{reason}); {self.instead} works offline"
            ) from None


def stream(dataset: HubDataset, configuration: str, column: str) -> Iterator[str]:
    """A text column of a data set too large to download, read as it comes.

    Args:
        dataset: The data set.
        configuration: One of the data set's own.
        column: Name of the column.

    Raises:
        UserError: If the hub can't be reached; on the way too.
    """
    # Asked first, since ``datasets`` would try for half a minute to reach a hub that is not there.
    commit = dataset.ask(dataset.commit)
    with dataset.reaching():
        from datasets import load_dataset

        rows = load_dataset(
            dataset.id, configuration, split="train", revision=commit, streaming=True
        )
    return _texts(dataset, rows, column)


def _texts(dataset: HubDataset, rows: Iterable[Mapping[str, str]], column: str) -> Iterator[str]:
    with dataset.reaching():
        for row in rows:
            yield row[column]
