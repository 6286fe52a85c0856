"""Labelled examples of the two pocket tasks, parallel across languages."""

from random import Random

from xlsearch.pocket import world
from xlsearch.pocket.languages import LANGUAGES, Language
from xlsearch.pocket.realise import tell, tell_all
from xlsearch.tasks.example import Example

TASKS = ("xlsum", "xquad")
SPLITS = ("train", "validation", "test", "development")
"""The recipe of pretraining was chosen on `development`, which nothing else uses."""


def task_examples(task: str, split: str, language: str, n: int) -> list[Example]:
    """The first `n` examples of a split; the i-th example is the same event in every language.

    Args:
        task: "xlsum" (an article and its one-sentence summary) or "xquad" (a paragraph with a
            question at its end, and the span of the paragraph that answers it).
        split: One of `SPLITS`; each has a random stream of its own.
        language: ISO 639-1 code, one of `LANGUAGES`.
        n: How many examples.

    Raises:
        ValueError: If the task, the split or the language does not exist.
    """
    if task not in TASKS:
        raise ValueError(f"no pocket task {task!r}: choose one of {', '.join(TASKS)}")
    if split not in SPLITS:
        raise ValueError(f"no split {split!r}: choose one of {', '.join(SPLITS)}")
    if language not in LANGUAGES:
        raise ValueError(f"no pocket language {language!r}: choose one of {', '.join(LANGUAGES)}")
    build = _summarization if task == "xlsum" else _question_answering
    return [
        build(LANGUAGES[language], f"{task}-{split}-{i}", Random(f"{task}/{split}/{i}"))
        for i in range(n)
    ]


def _summarization(language: Language, name: str, rng: Random) -> Example:
    plan = world.article(rng)
    summary = tell(language, world.Sentence("summary", plan.news))
    return Example(name, tell_all(language, plan.sentences), (summary,))


def _question_answering(language: Language, name: str, rng: Random) -> Example:
    plan = world.question(rng)
    paragraph = tell_all(language, plan.paragraph)
    question = tell(language, plan.question)
    return Example(name, f"{paragraph} {question}", (tell(language, plan.answer),), question)
