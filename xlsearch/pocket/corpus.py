"""The pocket web: parallel pages from which pretraining cuts its pieces of text."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from xlsearch.pocket import world
from xlsearch.pocket.languages import LANGUAGES, Language
from xlsearch.pocket.realise import tell

Encode = Callable[[list[str]], list[list[int]]]
"""Token ids of texts, without special tokens."""


@dataclass(frozen=True)
class Piece:
    """Consecutive sentences of one page in two languages, as token ids.

    Attributes:
        language: The language in which the piece is to be written.
        sentences: Its sentences in that language.
        other_language: Another language of the world.
        other_sentences: The same sentences in the other language.
    """

    language: str
    sentences: list[list[int]]
    other_language: str
    other_sentences: list[list[int]]


def parallel_sentences(languages: Sequence[str], n: int) -> dict[str, list[str]]:
    """`n` statements told in each of the languages; the i-th ones mean the same."""
    rng = Random("parallel")
    plans = [rng.choice(world.page(rng)) for _ in range(n)]
    return {code: [tell(LANGUAGES[code], plan) for plan in plans] for code in languages}


def pieces(
    rng: Random, encode: Encode, languages: Sequence[str], lengths: Sequence[int]
) -> list[Piece]:
    """One piece of each of the given lengths, counted in sentences (or the page's, if shorter).

    All sentences are encoded in one call, which is what makes building the corpus cheap.
    """
    plans: list[tuple[Language, Language, tuple[world.Sentence, ...]]] = []
    texts: list[str] = []
    for length in lengths:
        page = world.page(rng)
        start = rng.randint(0, max(0, len(page) - length))
        cut = page[start : start + length]
        code, other = rng.sample(list(languages), 2)
        plans.append((LANGUAGES[code], LANGUAGES[other], cut))
        texts += [tell(LANGUAGES[code], s) for s in cut] + [tell(LANGUAGES[other], s) for s in cut]
    encoded = iter(encode(texts))
    return [
        Piece(a.code, _take(encoded, len(cut), a), b.code, _take(encoded, len(cut), b))
        for a, b, cut in plans
    ]


def _take(encoded: Iterator[list[int]], n: int, language: Language) -> list[list[int]]:
    """The next `n` sentences of a text in which only words of spaced languages begin with one."""
    sentences = [next(encoded) for _ in range(n)]
    return sentences if language.space else [sentences[0], *(ids[1:] for ids in sentences[1:])]
