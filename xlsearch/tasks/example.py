"""One example of a task, in one language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """A source text and what a good output for it may be.

    Attributes:
        id: Unique within a task, split and language; equal across languages for parallel data.
        source: What the model reads (for question answering: paragraph, space, question).
        references: One or more good outputs; training uses the first.
        ending: End of ``source`` that is kept when the source is cropped: the question.
    """

    id: str
    source: str
    references: tuple[str, ...]
    ending: str = ""
