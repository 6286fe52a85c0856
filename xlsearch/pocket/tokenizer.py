"""Tokenizers of the pocket models: the real classes, with the world's words as vocabulary.

No vocabulary is trained. Every word of the world is one piece; single letters catch the rest of
alphabetic text, and anything else is <unk>.
"""

import re
import string

from transformers import MBart50Tokenizer, PreTrainedTokenizerBase, T5Tokenizer
from transformers.models.mbart50.tokenization_mbart50 import FAIRSEQ_LANGUAGE_CODES

from xlsearch.pocket.languages import LANGUAGES, MARK, Language
from xlsearch.pocket.realise import every_wording

SPACE = "▁"
"""SentencePiece's sign for the space before a word."""

SENTINELS = 20
"""Sentinels of span corruption; a pocket text never has more masked spans."""

WORD_SCORE = -8.0
LETTER_SCORE = -12.0
"""Log-probabilities: segmenting into fewer pieces always wins, whole words over letters."""

_PUNCTUATION = re.compile(r"([.,?¿:、。，？،؟])")


def pieces_of(language: Language) -> list[str]:
    """All pieces that the texts of a language consist of, in a fixed order."""
    sentences = [*every_wording(language), language.name]
    found: dict[str, None] = {}
    for word in " ".join(sentences).split():
        parts = [part for part in _PUNCTUATION.sub(rf"{MARK}\1{MARK}", word).split(MARK) if part]
        if language.space:
            parts[0] = SPACE + parts[0]
        found.update(dict.fromkeys(parts))
    return list(found)


def _letters(words: list[str]) -> list[str]:
    """The letters of the alphabets in use; Han characters and Hangul syllables are too many."""
    found = {
        letter
        for word in words
        for letter in word
        if letter.isalpha() and not "\u1100" <= letter <= "\uffff"
    }
    return sorted(found | set(string.ascii_lowercase + string.digits))


def vocabulary() -> list[tuple[str, float]]:
    """Pieces with scores, without special tokens; the same for both families."""
    words = list(dict.fromkeys(p for language in LANGUAGES.values() for p in pieces_of(language)))
    known = {SPACE, *words}
    letters = [letter for letter in _letters(words) if letter not in known]
    scored = [(SPACE, WORD_SCORE)] + [(word, WORD_SCORE) for word in words]
    return scored + [(letter, LETTER_SCORE) for letter in letters]


def build_tokenizer(family: str) -> PreTrainedTokenizerBase:
    """The tokenizer of a family, "mbart" or "mt5", with the real layout of special tokens."""
    if family == "mbart":
        specials = ["<s>", "<pad>", "</s>", "<unk>"]
        tail = [*FAIRSEQ_LANGUAGE_CODES, "<mask>"]
        vocab = [(s, 0.0) for s in specials] + vocabulary() + [(t, 0.0) for t in tail]
        return MBart50Tokenizer(vocab=vocab, src_lang="en_XX", tgt_lang="en_XX")
    if family == "mt5":
        specials = ["<pad>", "</s>", "<unk>"]
        tail = [f"<extra_id_{i}>" for i in reversed(range(SENTINELS))]
        vocab = [(s, 0.0) for s in specials] + vocabulary() + [(t, 0.0) for t in tail]
        return T5Tokenizer(vocab=vocab, extra_ids=SENTINELS)
    raise ValueError(f"no pocket model family {family!r}: choose mbart or mt5")
