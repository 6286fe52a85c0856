"""The training examples of the source language in another, translated once and kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from xlsearch.languages import SOURCE_LANGUAGE
from xlsearch.models.translation import Translator
from xlsearch.runs.atomic import write_text
from xlsearch.runs.content import ContentStore
from xlsearch.tasks.base import Split, TaskData
from xlsearch.tasks.example import Example

CHUNK = 1_000
"""Examples that are kept together: all that a killed translation loses."""

_SLICE = 50
"""Examples translated in one call, between two reports of progress."""

_FORMAT = 1
"""Raised when the same examples would be put together differently."""

_FILE = "examples.jsonl"


def translated_examples(
    store: ContentStore,
    data: TaskData,
    language: str,
    limit: int | None,
    translator: Translator,
    on_step: Callable[[int, int], None] = lambda done, all: None,
    on_wait: Callable[[str], None] = lambda who: None,
) -> list[Example]:
    """The training examples of the source language in a target language.

    They are kept by content in chunks, so that what is translated is never translated again, by
    whoever asks and after whatever end.

    Args:
        store: Where translations are kept.
        data: The task's data.
        language: ISO 639-1 code of the target language.
        limit: At most so many examples; None for all.
        translator: Translates what is not there yet.
        on_step: Told about the examples translated so far, and all; not if all are there.
        on_wait: Told about a process that translates the same.
    """
    examples = data.load(Split.TRAIN, SOURCE_LANGUAGE, limit).examples
    common = {
        "format": _FORMAT,
        "data": data.training_fingerprint(SOURCE_LANGUAGE),
        "translator": translator.name,
        "language": language,
    }
    found: list[Example] = []
    for start in range(0, len(examples), CHUNK):
        chunk = examples[start : start + CHUNK]

        def build(folder: Path, start: int = start, chunk: Sequence[Example] = chunk) -> None:
            done: list[Example] = []
            for at in range(0, len(chunk), _SLICE):
                done += translate_examples(chunk[at : at + _SLICE], language, translator)
                on_step(start + len(done), len(examples))
            lines = (json.dumps(asdict(example), ensure_ascii=False) for example in done)
            write_text(folder / _FILE, "".join(f"{line}\n" for line in lines))

        description = {**common, "start": start, "examples": len(chunk)}
        found += _read(store.obtain("translated", description, build, on_wait) / _FILE)
    return found


def translate_examples(
    examples: Sequence[Example], language: str, translator: Translator
) -> list[Example]:
    """Examples of the source language in another.

    What precedes the ending (a paragraph), the ending (a question) and each reference are
    translated by themselves, so that the answer to a question stays a whole.
    """
    texts = []
    for example in examples:
        body = example.source.removesuffix(example.ending).rstrip()
        texts += [body, *filter(None, [example.ending]), *example.references]
    told = iter(translator.translate(texts, SOURCE_LANGUAGE, language))
    translated = []
    for example in examples:
        body, ending = next(told), next(told) if example.ending else ""
        references = tuple(next(told) for _ in example.references)
        source = f"{body} {ending}" if example.ending else body
        translated.append(Example(example.id, source, references, ending))
    return translated


def _read(path: Path) -> Iterator[Example]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            values = json.loads(line)
            yield Example(**{**values, "references": tuple(values["references"])})
