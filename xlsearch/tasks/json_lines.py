"""Examples in JSON-lines files of a user's own, one file for each language and split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

from xlsearch.config.sources import Sources
from xlsearch.errors import UserError
from xlsearch.languages import LANGUAGES, language
from xlsearch.runs.content import content_name, file_sha256
from xlsearch.tasks.base import ExampleSet, OpenData, Split, TaskData
from xlsearch.tasks.data_folder import DataFolder
from xlsearch.tasks.example import Example
from xlsearch.tasks.json_rows import read_json_lines


@dataclass(frozen=True)
class JsonLinesData:
    """A task's examples in a folder.

    Attributes:
        name: The task's, for the fingerprint.
        folder: Where the files are.
        files: File names by split; ``{language}`` stands for the ISO 639-1 code.
        source, target: Keys of a row: what is read, what is to be written.
    """

    name: str
    folder: DataFolder
    files: Mapping[Split, str]
    source: str
    target: str

    def languages(self, split: Split = Split.EVALUATION) -> tuple[str, ...]:
        """Those whose file of the split is there."""
        return tuple(code for code in sorted(LANGUAGES) if split in self.splits(code))

    def splits(self, language: str) -> tuple[Split, ...]:
        """Those whose file is there."""
        return tuple(split for split in self.files if self.folder.find(self._name(split, language)))

    def fingerprint(self, languages: Sequence[str], split: Split = Split.EVALUATION) -> str:
        """Hash of the files' content and of the keys that are read."""
        names = [self._name(split, code) for code in languages]
        return self._hash([self._name(Split.TRAIN, languages[0]), *names])

    def training_fingerprint(self, language: str) -> str:
        """The same of the training file alone."""
        return self._hash([self._name(Split.TRAIN, language)])

    def _hash(self, names: Sequence[str]) -> str:
        hashes = {name: file_sha256(self.folder.need(name)) for name in names}
        content = content_name({"files": hashes, "source": self.source, "target": self.target})
        return f"{self.name}-{content}"

    def load(self, split: Split, language: str, limit: int | None = None) -> ExampleSet:
        """The first ``limit`` rows."""
        path = self.folder.need(self._name(split, language))
        examples: list[Example] = []
        for row in read_json_lines(path):
            number = str(len(examples))
            examples.append(Example(number, row.text(self.source), (row.text(self.target),)))
            if len(examples) == limit:
                break
        if not examples:
            raise UserError(f"{path} has no examples")
        return ExampleSet(examples, total=len(examples))

    def _name(self, split: Split, code: str) -> str:
        if split not in self.files:
            raise UserError(f"task {self.name!r} has no {split} set")
        return self.files[split].format(language=language(code).code)


def json_lines(
    name: str,
    train: str,
    evaluation: str,
    source: str = "text",
    target: str = "summary",
    test: str | None = None,
) -> OpenData:
    """Opens a task's data in the folder of ``--data-dir``.

    Args:
        name: The task's name.
        train, evaluation: File names, with ``{language}`` where the ISO 639-1 code stands, e.g.
            ``"{language}_train.jsonl"``; ``.gz`` is read too.
        source, target: Keys of a row: what is read, what is to be written.
        test: As ``evaluation``, for ``evaluation.split: test``; None if there is no such set.

    Raises:
        UserError: If a file name does not say where the language's code stands.
    """
    files = {Split.TRAIN: train, Split.EVALUATION: evaluation}
    if test is not None:
        files[Split.TEST] = test
    for split, template in files.items():
        _check_template(name, split, template)

    def open_data(sources: Sources) -> TaskData:
        if sources.data_dir is None:
            raise UserError(f"task {name!r} reads files of your own; give their --data-dir")
        return JsonLinesData(name, DataFolder(sources.data_dir), files, source, target)

    return open_data


def _check_template(name: str, split: Split, template: str) -> None:
    try:
        fields = {field for _, field, _, _ in Formatter().parse(template) if field is not None}
    except ValueError:  # a brace that is never closed
        fields = set()
    if fields != {"language"}:
        raise UserError(
            f"task {name!r}: the {split} file name {template!r} should have {{language}} where the "
            f"ISO 639-1 code stands and no other braces, e.g. '{{language}}_{split}.jsonl'"
        )
