"""The one table of languages and of the codes that models, data sets and fastText use for them."""

from __future__ import annotations

from dataclasses import dataclass

from xlsearch.errors import unknown_name


@dataclass(frozen=True)
class Language:
    """A language and its names elsewhere.

    Attributes:
        code: ISO 639-1; also the fastText lid.176 label and the mC4 configuration.
        name: English name.
        mbart50: Language code of the mBART-50 tokenizers.
        nllb200: Language code of the NLLB-200 tokenizers (FLORES-200).
        xlsum: Configuration of csebuetnlp/xlsum, None where the data set has no such language.
        xquad: Configuration of google/xquad, None where the data set has no such language.
    """

    code: str
    name: str
    mbart50: str
    nllb200: str
    xlsum: str | None
    xquad: str | None


LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language("ar", "Arabic", "ar_AR", "arb_Arab", "arabic", "xquad.ar"),
        Language("de", "German", "de_DE", "deu_Latn", None, "xquad.de"),
        Language("en", "English", "en_XX", "eng_Latn", "english", "xquad.en"),
        Language("es", "Spanish", "es_XX", "spa_Latn", "spanish", "xquad.es"),
        Language("fr", "French", "fr_XX", "fra_Latn", "french", None),
        Language("ja", "Japanese", "ja_XX", "jpn_Jpan", "japanese", None),
        Language("ko", "Korean", "ko_KR", "kor_Hang", "korean", None),
        Language("ro", "Romanian", "ro_RO", "ron_Latn", None, "xquad.ro"),
        Language("ru", "Russian", "ru_RU", "rus_Cyrl", "russian", "xquad.ru"),
        Language("th", "Thai", "th_TH", "tha_Thai", "thai", "xquad.th"),
        Language("vi", "Vietnamese", "vi_VN", "vie_Latn", "vietnamese", "xquad.vi"),
        Language("zh", "Chinese", "zh_CN", "zho_Hans", "chinese_simplified", "xquad.zh"),
    )
}

SOURCE_LANGUAGE = "en"


def language(code: str) -> Language:
    """The table's entry for an ISO 639-1 code.

    Raises:
        UserError: If the code is not in the table.
    """
    try:
        return LANGUAGES[code]
    except KeyError:
        raise unknown_name("language", code, LANGUAGES) from None
