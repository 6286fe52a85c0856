"""What happens in the pocket world: events, and plans that say which sentences a text consists of.

Nothing here knows a language. A plan names sentences by kind and events by lexicon indices, so one
plan can be told in every language, and the tellings are parallel sentence by sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

SLOT_SIZES: Mapping[str, int] = {
    "role": 12,
    "name": 16,
    "verb": 14,
    "object": 18,
    "city": 16,
    "day": 7,
    "reason": 12,
}
"""Slots of an event and how many words each language has for them."""

SENTENCE_KINDS: Mapping[str, int] = {
    "news": 2,
    "cause": 1,
    "past": 1,
    "rumour": 1,
    "recap": 2,
    "known": 1,
    "press": 1,
    "weather": 2,
    "report": 2,
    "ask_what": 1,
    "ask_why": 1,
    "summary": 1,
    "answer_what": 1,
    "answer_why": 1,
}
"""Kinds of sentence and how many forms (wordings) each language has for them."""

NEWS_FIRST = 0.15
"""Share of articles that open with their news: few, so that a copied opening is a poor summary."""


@dataclass(frozen=True)
class Event:
    """Who did what, where, when and why, as indices into the lexicons."""

    role: int
    name: int
    verb: int
    object: int
    city: int
    day: int
    reason: int


@dataclass(frozen=True)
class Sentence:
    """One sentence of a plan: `kind` of `SENTENCE_KINDS`, one of its `form`s, and its event."""

    kind: str
    event: Event
    form: int = 0


@dataclass(frozen=True)
class Article:
    """A news article: its sentences, and the event that is the news among them."""

    sentences: tuple[Sentence, ...]
    news: Event


@dataclass(frozen=True)
class Question:
    """A paragraph, a question about one of its events, and the answer's sentence kind."""

    paragraph: tuple[Sentence, ...]
    question: Sentence
    answer: Sentence


def say(rng: Random, kind: str, event: Event) -> Sentence:
    """A sentence of this kind in one of its forms."""
    return Sentence(kind, event, rng.randrange(SENTENCE_KINDS[kind]))


def distinct_events(rng: Random, n: int) -> list[Event]:
    """`n` events no two of which share a word in any slot (n <= 7, the smallest slot)."""
    columns = {slot: rng.sample(range(size), n) for slot, size in SLOT_SIZES.items()}
    return [Event(**{slot: column[i] for slot, column in columns.items()}) for i in range(n)]


def article(rng: Random) -> Article:
    """Five or six sentences: the news, its cause, and what distracts from both.

    The distractors use every word class of the news (another person's deed with its own cause, a
    false rumour, other places), so that a summary has to be put together, not found.
    """
    news, past, rumour, elsewhere = distinct_events(rng, 4)
    core = [say(rng, "news", news), say(rng, "cause", news)]
    asides = [
        say(rng, "rumour", rumour),
        say(rng, "known", rng.choice((news, past))),
        say(rng, "press", rng.choice((news, past))),
        say(rng, "weather", elsewhere),
    ]
    distractors = [say(rng, "past", past), *rng.sample(asides, rng.choice((2, 3)))]
    rng.shuffle(distractors)
    sentences = list(distractors)
    for sentence in core[::-1]:  # the cause first, so that the news comes before it
        last = sentences.index(core[1]) if core[1] in sentences else len(sentences)
        first = 0 if sentence is core[0] and rng.random() < NEWS_FIRST else 1
        sentences.insert(rng.randint(min(first, last), last) if first else 0, sentence)
    return Article(tuple(sentences), news)


def question(rng: Random) -> Question:
    """A report among other people's deeds and asides, and a question about the report."""
    event, past, elsewhere, rumour = distinct_events(rng, 4)
    asides = [
        say(rng, "weather", elsewhere),
        say(rng, "known", rng.choice((event, elsewhere))),
        say(rng, "press", rng.choice((event, elsewhere))),
        say(rng, "rumour", rumour),
    ]
    paragraph = [say(rng, "report", event), say(rng, "past", past)]
    paragraph += rng.sample(asides, rng.choice((1, 2)))
    rng.shuffle(paragraph)
    topic = rng.choice(("what", "why"))
    return Question(
        tuple(paragraph), Sentence(f"ask_{topic}", event), Sentence(f"answer_{topic}", event)
    )


def page(rng: Random) -> tuple[Sentence, ...]:
    """A page of the pocket web, for pretraining: unlabelled, and it repeats itself as pages do.

    An article with a recapitulation; or a report with a question and, in the next line, its
    answer, a full sentence or just the phrase, as people answer; or a list of such phrases.
    """
    kind = rng.random()
    if kind < 0.45:
        told = article(rng)
        sentences = list(told.sentences)
        sentences.insert(rng.randint(1, len(sentences)), say(rng, "recap", told.news))
    elif kind < 0.8:
        asked = question(rng)
        full = say(rng, rng.choice(("report", "recap")), asked.question.event)
        sentences = [*asked.paragraph, asked.question, rng.choice((asked.answer, full))]
    else:
        events = distinct_events(rng, 5)
        sentences = [say(rng, rng.choice(("answer_what", "answer_why")), e) for e in events]
    return tuple(sentences)
