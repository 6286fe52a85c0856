"""What the models are pretrained to do: pairs of (source, target) token ids from pieces of text.

Both families learn translation and the reconstruction of damaged text. A model of a million
weights does not align languages by itself, hence the translation; see docs/pocket.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from transformers import PreTrainedTokenizerBase

from xlsearch.pocket.corpus import Piece
from xlsearch.pocket.languages import LANGUAGES

Pair = tuple[list[int], list[int]]

MEAN_SPAN = 3.0
"""Mean number of tokens in a masked span, as in mBART and mT5."""


@dataclass(frozen=True)
class Mixture:
    """How much of what the pretraining examples are.

    Attributes:
        translation: Share of inputs in another language than the target.
        spans: Share whose target is only the masked spans (mT5's own objective; 0 for mBART).
        mixed: Share of the inputs in which every sentence is in either of the piece's two
            languages (of the translations only for mT5, whose other inputs name no language).
        unmasked: Share of the other inputs that are not damaged.
        mask_rate: Share of tokens masked in damaged inputs, whose sentences are permuted too.
    """

    translation: float
    spans: float
    mixed: float
    unmasked: float
    mask_rate: float


class MBartNoise:
    """Pairs as mBART sees them: [language code, text, </s>] on both sides."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, mixture: Mixture) -> None:
        self._mixture = mixture
        self._end = [int(tokenizer.eos_token_id)]
        self._mask = [int(tokenizer.mask_token_id)]
        self._code: Mapping[str, list[int]] = {
            code: [_id(tokenizer, language.mbart_code)] for code, language in LANGUAGES.items()
        }

    def __call__(self, piece: Piece, rng: Random) -> Pair:
        target = self._code[piece.language] + _flat(piece.sentences) + self._end
        foreign = rng.random() < self._mixture.translation
        language = piece.other_language if foreign else piece.language
        sentences = piece.other_sentences if foreign else piece.sentences
        if rng.random() < self._mixture.mixed:
            sentences = _mixed(piece, rng)
        if rng.random() < self._mixture.unmasked:
            text = _flat(sentences)
        else:
            rate = self._mixture.mask_rate
            text, _ = _mask_spans(_permuted(sentences, rng), rate, rng, self._mask, repeat=True)
        return self._code[language] + text + self._end, target


class MT5Noise:
    """Pairs as mT5 sees them: [text, </s>] on both sides, and nothing that names a language.

    Translation inputs begin with the name of the language to write, in that language. All other
    inputs go on in their own language, a large share of them undamaged: without these the model
    answers every untagged input in English.
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, mixture: Mixture, sentinels: int
    ) -> None:
        self._mixture = mixture
        self._end = [int(tokenizer.eos_token_id)]
        self._sentinels = [_id(tokenizer, f"<extra_id_{i}>") for i in range(sentinels)]
        self._name: Mapping[str, list[int]] = {
            code: list(tokenizer.encode(f"{language.name}:", add_special_tokens=False))
            for code, language in LANGUAGES.items()
        }

    def __call__(self, piece: Piece, rng: Random) -> Pair:
        draw = rng.random()
        if draw < self._mixture.translation:
            mixed = rng.random() < self._mixture.mixed
            text = _flat(_mixed(piece, rng) if mixed else piece.other_sentences)
            return self._name[piece.language] + text + self._end, _flat(piece.sentences) + self._end
        if draw < self._mixture.translation + self._mixture.spans:
            text = _flat(piece.sentences)
            kept, hidden = _mask_spans(text, self._mixture.mask_rate, rng, self._sentinels)
            return kept + self._end, hidden + self._end
        text = _flat(piece.sentences)
        target = text + self._end
        if rng.random() >= self._mixture.unmasked:
            permuted = _permuted(piece.sentences, rng)
            text, _ = _mask_spans(permuted, self._mixture.mask_rate, rng, self._sentinels)
        return text + self._end, target


def _id(tokenizer: PreTrainedTokenizerBase, token: str) -> int:
    found = tokenizer.convert_tokens_to_ids(token)
    assert isinstance(found, int)  # a list only comes for a list
    return found


def _flat(sentences: list[list[int]]) -> list[int]:
    return [token for sentence in sentences for token in sentence]


def _mixed(piece: Piece, rng: Random) -> list[list[int]]:
    """The piece with every sentence in one of its two languages."""
    pairs = zip(piece.sentences, piece.other_sentences, strict=True)
    return [rng.choice(pair) for pair in pairs]


def _permuted(sentences: list[list[int]], rng: Random) -> list[int]:
    return _flat(rng.sample(sentences, len(sentences)))


def _mask_spans(
    text: list[int], rate: float, rng: Random, masks: list[int], repeat: bool = False
) -> Pair:
    """Replaces spans of about `rate` of the tokens by one mask each.

    Returns:
        The text with masks, and what is behind them: each mask followed by its span. The k-th span
        gets the k-th of `masks`, or always the first if `repeat`.
    """
    hidden = [False] * len(text)
    budget = round(rate * len(text))
    while budget > 0:
        length = min(budget, 1 + int(rng.expovariate(1 / (MEAN_SPAN - 0.5))))
        start = rng.randint(0, len(text) - length)
        budget -= sum(not h for h in hidden[start : start + length])
        hidden[start : start + length] = [True] * length
    kept: list[int] = []
    behind: list[int] = []
    used = 0
    for i, token in enumerate(text):
        if not hidden[i]:
            kept.append(token)
            continue
        if i == 0 or not hidden[i - 1]:
            mask = masks[0] if repeat else masks[min(used, len(masks) - 1)]
            used += 1
            kept.append(mask)
            behind.append(mask)
        behind.append(token)
    return kept, behind
