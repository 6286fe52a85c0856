"""XL-Sum: summarize a news article."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xlsearch.config.sources import Sources
from xlsearch.errors import UserError
from xlsearch.languages import LANGUAGES, language
from xlsearch.pocket.data import PocketData
from xlsearch.runs.content import content_name, file_sha256
from xlsearch.tasks.base import ExampleSet, Split, Task, TaskData
from xlsearch.tasks.data_folder import DataFolder
from xlsearch.tasks.example import Example
from xlsearch.tasks.hub import HubDataset
from xlsearch.tasks.json_rows import Row, read_json_lines

HUB = HubDataset("csebuetnlp/xlsum", "refs/convert/parquet")
"""The data set itself is a script, which nothing runs any more; this is the hub's copy of it."""

_FILES = {Split.TRAIN: "train", Split.EVALUATION: "val", Split.TEST: "test"}
_HUB_SPLITS = {Split.TRAIN: "train", Split.EVALUATION: "validation", Split.TEST: "test"}


@dataclass(frozen=True)
class XLSumFiles:
    """The official JSON-lines files, e.g. ``english_train.jsonl``.

    Attributes:
        folder: Where they are.
    """

    folder: DataFolder

    def splits(self, code: str) -> tuple[Split, ...]:
        """Those whose file is there."""
        return tuple(split for split in Split if self.folder.find(_file_name(split, code)))

    def place(self, split: Split, code: str) -> str:
        """What is read, for messages."""
        return str(self.folder.need(_file_name(split, code)))

    def rows(self, split: Split, code: str) -> Iterator[Row]:
        """The rows of a file."""
        return read_json_lines(self.folder.need(_file_name(split, code)))

    def fingerprint(self, codes: Sequence[str], split: Split) -> str:
        """Hash of the files' content."""
        names = [_file_name(split, code) for code in codes]
        return self._hash([_file_name(Split.TRAIN, codes[0]), *names])

    def training_fingerprint(self, code: str) -> str:
        """Hash of the training file's content."""
        return self._hash([_file_name(Split.TRAIN, code)])

    def _hash(self, names: Sequence[str]) -> str:
        hashes = {name: file_sha256(self.folder.need(name)) for name in names}
        return f"xlsum-{content_name(hashes)}"


@dataclass(frozen=True)
class XLSumHub:
    """The hub's copy."""

    def splits(self, code: str) -> tuple[Split, ...]:
        """All."""
        return tuple(Split)

    def place(self, split: Split, code: str) -> str:
        """What is read, for messages."""
        return f"{HUB.id}, {_configuration(code)}, {_HUB_SPLITS[split]}"

    def rows(self, split: Split, code: str) -> Iterator[Row]:
        """The rows of a split."""
        start = f"{_configuration(code)}/{_HUB_SPLITS[split]}/"
        return HUB.rows(start, ("id", "text", "summary"))

    def fingerprint(self, codes: Sequence[str], split: Split) -> str:
        """The commit."""
        return HUB.fingerprint

    def training_fingerprint(self, code: str) -> str:
        """The commit, and the language's name there."""
        return f"{HUB.fingerprint}/{_configuration(code)}"


@dataclass(frozen=True)
class XLSumData:
    """Articles and summaries of the BBC.

    Attributes:
        source: Where they are.
    """

    source: XLSumFiles | XLSumHub

    def languages(self, split: Split = Split.EVALUATION) -> tuple[str, ...]:
        """Those that have the split."""
        return tuple(code for code in sorted(LANGUAGES) if split in self.splits(code))

    def splits(self, language: str) -> tuple[Split, ...]:
        """The sets of a language; none, if XL-Sum does not have it."""
        return self.source.splits(language) if LANGUAGES[language].xlsum else ()

    def fingerprint(self, languages: Sequence[str], split: Split = Split.EVALUATION) -> str:
        """Hash of the files, or the hub's commit."""
        return self.source.fingerprint(languages, split)

    def training_fingerprint(self, language: str) -> str:
        """Hash of the training file, or the hub's commit."""
        return self.source.training_fingerprint(language)

    def load(self, split: Split, language: str, limit: int | None = None) -> ExampleSet:
        """The first ``limit`` articles of a language."""
        examples: list[Example] = []
        for row in self.source.rows(split, language):
            # The files of other people leave out what they do not need.
            name = row.name("id") if "id" in row.values else str(len(examples))
            examples.append(Example(name, row.text("text"), (row.text("summary"),)))
            if len(examples) == limit:
                break
        if not examples:
            raise UserError(f"{self.source.place(split, language)} has no examples")
        return ExampleSet(examples, total=len(examples))


def open_xlsum(sources: Sources) -> TaskData:
    """XL-Sum in the user's folder, else from the hub."""
    if sources.data_dir is None:
        return XLSumData(XLSumHub())
    return XLSumData(XLSumFiles(DataFolder(sources.data_dir)))


def _configuration(code: str) -> str:
    """XL-Sum's name of a language.

    Raises:
        UserError: If it does not have the language.
    """
    entry = language(code)
    if entry.xlsum is None:
        valid = ", ".join(code for code in sorted(LANGUAGES) if LANGUAGES[code].xlsum)
        raise UserError(f"XL-Sum has no {entry.name}; valid: {valid}")
    return entry.xlsum


def _file_name(split: Split, code: str) -> str:
    return f"{_configuration(code)}_{_FILES[split]}.jsonl"


_TARGETS = ("es", "fr", "ko", "ru", "zh")

XLSUM = Task(
    name="xlsum",
    scorer="rouge2-xlsum",
    tuning_languages={"pocket": _TARGETS, "paper": _TARGETS},
    final_languages={"pocket": _TARGETS, "paper": _TARGETS},
    open_data={"pocket": lambda sources: PocketData("xlsum"), "paper": open_xlsum},
)
