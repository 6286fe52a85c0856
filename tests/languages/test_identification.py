"""Language identification: fastText's labels, and the outputs that it must not be asked about."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import pytest

from xlsearch.errors import UserError
from xlsearch.languages.identification import LanguageIdentifier, default_model

TEXTS = {
    "en": "The government announced a new law on Tuesday.",
    "fr": "Le gouvernement a annoncé une nouvelle loi mardi.",
    "es": "El gobierno anunció una nueva ley el martes.",
    "ru": "Правительство объявило о новом законе во вторник.",
    "zh": "政府星期二宣布了一项新法律。",
    "ko": "정부는 화요일에 새로운 법을 발표했다.",
}


@pytest.fixture(scope="module")
def identifier() -> LanguageIdentifier:
    return LanguageIdentifier()


def test_it_knows_languages(identifier: LanguageIdentifier) -> None:
    assert identifier.identify(list(TEXTS.values())) == list(TEXTS)


@pytest.mark.parametrize("empty", ["", " ", "\n", "\t\n  "])
def test_an_empty_text_is_in_no_language(identifier: LanguageIdentifier, empty: str) -> None:
    assert identifier.identify([empty]) == [None]
    assert identifier.correct_rate([empty, TEXTS["en"]], "en") == 50


def test_a_text_of_several_lines_is_one_text(identifier: LanguageIdentifier) -> None:
    broken = TEXTS["fr"].replace(" ", "\n")
    assert identifier.identify([broken, f"\n{TEXTS['fr']}\r\n"]) == ["fr", "fr"]


@pytest.mark.parametrize(("language", "rate"), [("fr", 75.0), ("en", 25.0), ("ru", 0.0)])
def test_the_rate_is_a_percentage(
    identifier: LanguageIdentifier, language: str, rate: float
) -> None:
    texts = [TEXTS["fr"]] * 3 + [TEXTS["en"]]
    assert identifier.correct_rate(texts, language) == rate


def test_the_model_is_named_by_its_content(identifier: LanguageIdentifier, tmp_path: Path) -> None:
    expected = hashlib.sha256(default_model().read_bytes()).hexdigest()
    assert identifier.sha256 == expected
    (tmp_path / "other.ftz").write_bytes(b"other")
    assert LanguageIdentifier(tmp_path / "other.ftz").sha256 != expected


def dense_model(labels: list[str], supervised: bool = True) -> bytes:
    """A fastText model as ``lid.176.bin`` is stored: not quantized, with vectors of two numbers."""
    words = ["</s>", "le", "the"]
    kind, buckets, dimension = (3 if supervised else 2), 0, 2
    loss = 3  # softmax
    arguments = (dimension, 5, 5, 1, 5, 1, loss, kind, buckets, 0, 0, 100, 1e-4)
    content = struct.pack("<ii", 793712314, 12) + struct.pack("<12id", *arguments)
    content += struct.pack("<iiiqq", len(words + labels), len(words), len(labels), 100, -1)
    for entry in words + labels:
        content += entry.encode() + b"\0" + struct.pack("<qb", 10, entry in labels)
    for rows in ([(0, 0), (1, 0), (0, 1)], [(9, 0), (0, 9)][: len(labels)]):
        content += struct.pack("<?qq", False, len(rows), dimension)
        content += b"".join(struct.pack("<ff", *row) for row in rows)
    return content


def test_a_model_of_the_users_own(tmp_path: Path) -> None:
    file = tmp_path / "own.bin"
    file.write_bytes(dense_model(["__label__fr", "__label__en"]))
    assert LanguageIdentifier(file).identify(["le le", "the", ""]) == ["fr", "en", None]


@pytest.mark.parametrize("kind", ["embedded", "dense"])
def test_a_truncated_model_is_bad_input(kind: str, tmp_path: Path) -> None:
    """Wherever it ends; fastText itself may crash, or fill the memory."""
    file = tmp_path / "cut.bin"
    whole = dense_model(["__label__fr", "__label__en"])
    lengths = list(range(len(whole)))
    if kind == "embedded":
        whole = default_model().read_bytes()
        lengths = [*range(0, len(whole), 40_009), len(whole) - 1]
    for length in lengths:
        file.write_bytes(whole[:length])
        with pytest.raises(UserError, match=r"cut\.bin is not a fastText model, or not all of it"):
            LanguageIdentifier(file).identify(["text"])
    file.write_bytes(whole)
    LanguageIdentifier(file).check()


@pytest.mark.parametrize(
    "content",
    [
        b"this is no model",
        b"this is a longer text, and no model either\n" * 1000,
        b"\0" * 10_000,
        b"\xff" * 10_000,
        # The start of a model, and then nonsense.
        dense_model(["__label__en"])[:8] + b"\xff" * 10_000,
        dense_model(["__label__en"])[:64] + b"\x7f" * 10_000,
        dense_model(["__label__en"])[:64] + b"\0\0\0\x80" * 10_000,
    ],
)
def test_a_file_that_is_no_model_is_bad_input(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "no.ftz").write_bytes(content)
    with pytest.raises(UserError, match=r"no\.ftz is not a fastText model.*lid\.176\.bin"):
        LanguageIdentifier(tmp_path / "no.ftz").identify(["text"])


@pytest.mark.parametrize(
    "content",
    [dense_model(["__label__good", "__label__bad"]), dense_model([], supervised=False)],
    ids=["sentiment", "vectors"],
)
def test_a_model_of_something_else_is_bad_input(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(content)
    with pytest.raises(UserError, match=r"other\.bin .* does not identify languages"):
        LanguageIdentifier(tmp_path / "other.bin").check()


@pytest.mark.parametrize(("name", "message"), [("missing.bin", "not found"), (".", "is a folder")])
def test_no_file_is_bad_input(name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"{message}; expected lid\.176"):
        LanguageIdentifier(tmp_path / name)


def test_a_file_that_went_away_is_bad_input(tmp_path: Path) -> None:
    file = tmp_path / "own.bin"
    file.write_bytes(dense_model(["__label__en"]))
    identifier = LanguageIdentifier(file)
    file.unlink()
    for ask in (identifier.check, lambda: identifier.sha256):
        with pytest.raises(UserError, match="not found"):
            ask()
