"""XQuAD: answer a question about a paragraph, in the paragraph's words."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from xlsearch.config.sources import Sources
from xlsearch.errors import UserError
from xlsearch.languages import LANGUAGES, SOURCE_LANGUAGE, language
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.pocket.data import PocketData
from xlsearch.runs.content import content_name, file_sha256
from xlsearch.tasks.base import ExampleSet, Split, Task, TaskData
from xlsearch.tasks.data_folder import DataFolder
from xlsearch.tasks.example import Example
from xlsearch.tasks.hub import HubDataset
from xlsearch.tasks.squad import COLUMNS, question, read_questions

HUB = HubDataset("google/xquad")
HUB_TRAIN = HubDataset("rajpurkar/squad")

TRAINING_FILE = "train-v1.1.json"
"""SQuAD v1.1's own name of its training set."""


@dataclass(frozen=True)
class XQuadFiles:
    """``xquad.de.json`` and so on, and SQuAD v1.1 to train on.

    Attributes:
        folder: Where they are.
    """

    folder: DataFolder

    def has(self, code: str) -> bool:
        """Whether the language's evaluation file is there."""
        return self.folder.find(_file_name(code)) is not None

    def has_training(self) -> bool:
        """Whether there is a file to train on."""
        return self._training() is not None

    def place(self, split: Split, code: str) -> str:
        """What is read, for messages."""
        return str(self._file(split, code))

    def questions(self, split: Split, code: str) -> Iterator[Example]:
        """The questions of a file."""
        return read_questions(self._file(split, code))

    def held_out(self) -> frozenset[str]:
        """Ids of all evaluation questions. They are of SQuAD, so its files may hold them too."""
        found = (self.folder.find(_file_name(code)) for code in _languages())
        return frozenset().union(*(_ids(path, file_sha256(path)) for path in found if path))

    def fingerprint(self, codes: Sequence[str]) -> str:
        """Hash of the files' content, and of the ids that the training set goes without."""
        hashes = {code: file_sha256(self._file(Split.EVALUATION, code)) for code in codes}
        training = file_sha256(self._file(Split.TRAIN, codes[0]))
        held_out = sorted(self.held_out())
        described = {"evaluation": hashes, "train": training, "held_out": held_out}
        return f"xquad-{content_name(described)}"

    def evaluation_fingerprint(self, codes: Sequence[str]) -> str:
        """Hash of the evaluation files' content."""
        hashes = {code: file_sha256(self._file(Split.EVALUATION, code)) for code in codes}
        return f"xquad-{content_name(hashes)}"

    def training_fingerprint(self, code: str) -> str:
        """Hash of the training file's content, and of the ids that it goes without."""
        training = file_sha256(self._file(Split.TRAIN, code))
        described = {"train": training, "held_out": sorted(self.held_out())}
        return f"squad-{content_name(described)}"

    def _file(self, split: Split, code: str) -> Path:
        if split != Split.TRAIN:
            return self.folder.need(_file_name(code))
        training = self._training()
        if training is None:
            raise UserError(
                f"{self.folder.path} has no training set: {TRAINING_FILE}, or a squad*.json or "
                "squad*.jsonl, here or in the two folder levels below (.gz is read too)"
            )
        return training

    def _training(self) -> Path | None:
        official = self.folder.find(TRAINING_FILE)
        if official:
            return official
        others = self.folder.matching("squad", (".json", ".jsonl"))
        if len(others) > 1:
            listed = ", ".join(str(path) for path in others)
            raise UserError(f"which file is to be trained on? {listed}; keep one of them there")
        return others[0] if others else None


@dataclass(frozen=True)
class XQuadHub:
    """The data sets of the hub."""

    def has(self, code: str) -> bool:
        """Always."""
        return True

    def has_training(self) -> bool:
        """Always."""
        return True

    def place(self, split: Split, code: str) -> str:
        """What is read, for messages."""
        return HUB_TRAIN.id if split == Split.TRAIN else f"{HUB.id}, {_configuration(code)}"

    def questions(self, split: Split, code: str) -> Iterator[Example]:
        """The questions of a data set."""
        if split == Split.TRAIN:
            rows = HUB_TRAIN.rows("plain_text/train-", COLUMNS)
        else:
            rows = HUB.rows(f"{_configuration(code)}/validation-", COLUMNS)
        return (question(row.text("context"), row) for row in rows)

    def held_out(self) -> frozenset[str]:
        """None: SQuAD's training set is all there is to train on, and XQuAD is not of it."""
        return frozenset()

    def fingerprint(self, codes: Sequence[str]) -> str:
        """The commits."""
        return f"{self.evaluation_fingerprint(codes)}+{HUB_TRAIN.fingerprint}"

    def evaluation_fingerprint(self, codes: Sequence[str]) -> str:
        """The evaluation set's commit."""
        return HUB.fingerprint

    def training_fingerprint(self, code: str) -> str:
        """The training set's commit."""
        return HUB_TRAIN.fingerprint


@dataclass(frozen=True)
class XQuadData:
    """Questions about paragraphs of Wikipedia: SQuAD's to train on, XQuAD's to evaluate.

    Attributes:
        source: Where they are.
        lid_model: fastText model of the filter; None for the embedded one.
    """

    source: XQuadFiles | XQuadHub
    lid_model: Path | None = None

    def languages(self, split: Split = Split.EVALUATION) -> tuple[str, ...]:
        """Those that have the split."""
        named = Split.EVALUATION if split == Split.TEST else split
        return tuple(code for code in _languages() if named in self.splits(code))

    def splits(self, language: str) -> tuple[Split, ...]:
        """English has a training set; one set serves as evaluation and test."""
        trained = language == SOURCE_LANGUAGE and self.source.has_training()
        evaluated = LANGUAGES[language].xquad is not None and self.source.has(language)
        return (Split.TRAIN,) * trained + (Split.EVALUATION,) * evaluated

    def fingerprint(self, languages: Sequence[str], split: Split = Split.EVALUATION) -> str:
        """Hash of the files or the hub's commits, and of the filter's model."""
        lid = _identifier(self.lid_model).sha256[:16]
        return f"{self.source.fingerprint(languages)}+lid@{lid}"

    def training_fingerprint(self, language: str) -> str:
        """Hash of the training file or the hub's commit; the filter is not for training."""
        return self.source.training_fingerprint(language)

    def load(self, split: Split, language: str, limit: int | None = None) -> ExampleSet:
        """The first ``limit`` questions that count.

        Of the evaluation questions those count whose answer has no digit and is identified as
        the language: of numbers and names it can't be said which language a model wrote. Of the
        training questions, those that no evaluation file holds.
        """
        if split == Split.TRAIN and language != SOURCE_LANGUAGE:
            raise UserError(f"xquad has no training set in {language}; SQuAD is English")
        held_out = self.source.held_out() if split == Split.TRAIN else frozenset()
        examples: list[Example] = []
        total = 0
        for example in self.source.questions(split, language):
            total += 1
            if split == Split.TRAIN:
                counts = example.id not in held_out
            else:
                counts = self._counts(example.references[0], language)
            if counts:
                examples.append(example)
            if len(examples) == limit:
                break
        if not total:
            raise UserError(f"{self.source.place(split, language)} has no questions")
        if not examples:
            rule = "is not also in XQuAD" if split == Split.TRAIN else _RULE.format(language)
            place = self.source.place(split, language)
            raise UserError(f"{place}: none of its {total} questions {rule}")
        return ExampleSet(examples, total)

    def _counts(self, answer: str, language: str) -> bool:
        if any(character.isdigit() for character in answer):
            return False
        return _identifier(self.lid_model).identify([answer]) == [language]


_RULE = "has an answer without digits that is identified as {}"


def open_xquad(sources: Sources) -> TaskData:
    """XQuAD and SQuAD in the user's folder, else from the hub."""
    if sources.data_dir is None:
        return XQuadData(XQuadHub(), sources.lid_model)
    return XQuadData(XQuadFiles(DataFolder(sources.data_dir)), sources.lid_model)


@functools.lru_cache(maxsize=2)
def _identifier(model: Path | None) -> LanguageIdentifier:
    """Kept, since lid.176.bin has 126 MB and each language's questions ask it."""
    return LanguageIdentifier(model)


@functools.lru_cache(maxsize=32)
def _ids(path: Path, content: str) -> frozenset[str]:
    """Ids of a file's questions, read again only when its content is another."""
    return frozenset(example.id for example in read_questions(path))


def _languages() -> list[str]:
    return [code for code in sorted(LANGUAGES) if LANGUAGES[code].xquad]


def _configuration(code: str) -> str:
    """XQuAD's name of a language.

    Raises:
        UserError: If it does not have the language.
    """
    entry = language(code)
    if entry.xquad is None:
        raise UserError(f"XQuAD has no {entry.name}; valid: {', '.join(_languages())}")
    return entry.xquad


def _file_name(code: str) -> str:
    return f"{_configuration(code)}.json"


_POCKET_TARGETS = ("es", "fr", "ko", "ru", "zh")

# The languages of the published figures are held out of the tuning.
XQUAD = Task(
    name="xquad",
    scorer="f1-squad",
    tuning_languages={"pocket": _POCKET_TARGETS, "paper": ("ro", "th", "vi")},
    final_languages={"pocket": _POCKET_TARGETS, "paper": ("ar", "de", "es", "ru", "zh")},
    open_data={"pocket": lambda sources: PocketData("xquad"), "paper": open_xquad},
)
