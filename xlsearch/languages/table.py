"""The one table of languages and of the codes that models, data sets and fastText use for them."""

from __future__ import annotations

from dataclasses import dataclass

from xlsearch.errors import UserError, unknown_name


@dataclass(frozen=True)
class Language:
    """A language and its names elsewhere; None where a model or data set does not have it.

    Attributes:
        code: ISO 639-1; also the label of fastText's lid.176, which does not know Hausa, Igbo,
            Kirundi, Oromo, Tigrinya and Xhosa.
        name: English name.
        mbart50: Language code of the mBART-50 tokenizers.
        nllb200: Language code of the NLLB-200 tokenizers (FLORES-200).
        xlsum: Configuration of csebuetnlp/xlsum; for a language in two scripts, the script that
            ``nllb200`` names.
        xquad: Configuration of google/xquad.
        c4: Configuration of allenai/c4 with the language's mC4.
    """

    code: str
    name: str
    mbart50: str | None
    nllb200: str | None
    xlsum: str | None
    xquad: str | None
    c4: str | None


# Every language of XL-Sum, XQuAD and mBART-50 that has an ISO 639-1 code: all but Nigerian Pidgin.
LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language("af", "Afrikaans", "af_ZA", "afr_Latn", None, None, "af"),
        Language("am", "Amharic", None, "amh_Ethi", "amharic", None, "am"),
        Language("ar", "Arabic", "ar_AR", "arb_Arab", "arabic", "xquad.ar", "ar"),
        Language("az", "Azerbaijani", "az_AZ", "azj_Latn", "azerbaijani", None, "az"),
        Language("bn", "Bengali", "bn_IN", "ben_Beng", "bengali", None, "bn"),
        Language("cs", "Czech", "cs_CZ", "ces_Latn", None, None, "cs"),
        Language("cy", "Welsh", None, "cym_Latn", "welsh", None, "cy"),
        Language("de", "German", "de_DE", "deu_Latn", None, "xquad.de", "de"),
        Language("el", "Greek", None, "ell_Grek", None, "xquad.el", "el"),
        Language("en", "English", "en_XX", "eng_Latn", "english", "xquad.en", "en-multi"),
        Language("es", "Spanish", "es_XX", "spa_Latn", "spanish", "xquad.es", "es"),
        Language("et", "Estonian", "et_EE", "est_Latn", None, None, "et"),
        Language("fa", "Persian", "fa_IR", "pes_Arab", "persian", None, "fa"),
        Language("fi", "Finnish", "fi_FI", "fin_Latn", None, None, "fi"),
        Language("fr", "French", "fr_XX", "fra_Latn", "french", None, "fr"),
        Language("gd", "Scottish Gaelic", None, "gla_Latn", "scottish_gaelic", None, "gd"),
        Language("gl", "Galician", "gl_ES", "glg_Latn", None, None, "gl"),
        Language("gu", "Gujarati", "gu_IN", "guj_Gujr", "gujarati", None, "gu"),
        Language("ha", "Hausa", None, "hau_Latn", "hausa", None, "ha"),
        Language("he", "Hebrew", "he_IL", "heb_Hebr", None, None, "iw"),
        Language("hi", "Hindi", "hi_IN", "hin_Deva", "hindi", "xquad.hi", "hi"),
        Language("hr", "Croatian", "hr_HR", "hrv_Latn", None, None, None),
        Language("id", "Indonesian", "id_ID", "ind_Latn", "indonesian", None, "id"),
        Language("ig", "Igbo", None, "ibo_Latn", "igbo", None, "ig"),
        Language("it", "Italian", "it_IT", "ita_Latn", None, None, "it"),
        Language("ja", "Japanese", "ja_XX", "jpn_Jpan", "japanese", None, "ja"),
        Language("ka", "Georgian", "ka_GE", "kat_Geor", None, None, "ka"),
        Language("kk", "Kazakh", "kk_KZ", "kaz_Cyrl", None, None, "kk"),
        Language("km", "Khmer", "km_KH", "khm_Khmr", None, None, "km"),
        Language("ko", "Korean", "ko_KR", "kor_Hang", "korean", None, "ko"),
        Language("ky", "Kyrgyz", None, "kir_Cyrl", "kyrgyz", None, "ky"),
        Language("lt", "Lithuanian", "lt_LT", "lit_Latn", None, None, "lt"),
        Language("lv", "Latvian", "lv_LV", "lvs_Latn", None, None, "lv"),
        Language("mk", "Macedonian", "mk_MK", "mkd_Cyrl", None, None, "mk"),
        Language("ml", "Malayalam", "ml_IN", "mal_Mlym", None, None, "ml"),
        Language("mn", "Mongolian", "mn_MN", "khk_Cyrl", None, None, "mn"),
        Language("mr", "Marathi", "mr_IN", "mar_Deva", "marathi", None, "mr"),
        Language("my", "Burmese", "my_MM", "mya_Mymr", "burmese", None, "my"),
        Language("ne", "Nepali", "ne_NP", "npi_Deva", "nepali", None, "ne"),
        Language("nl", "Dutch", "nl_XX", "nld_Latn", None, None, "nl"),
        Language("om", "Oromo", None, "gaz_Latn", "oromo", None, None),
        Language("pa", "Punjabi", None, "pan_Guru", "punjabi", None, "pa"),
        Language("pl", "Polish", "pl_PL", "pol_Latn", None, None, "pl"),
        Language("ps", "Pashto", "ps_AF", "pbt_Arab", "pashto", None, "ps"),
        Language("pt", "Portuguese", "pt_XX", "por_Latn", "portuguese", None, "pt"),
        Language("rn", "Kirundi", None, "run_Latn", "kirundi", None, None),
        Language("ro", "Romanian", "ro_RO", "ron_Latn", None, "xquad.ro", "ro"),
        Language("ru", "Russian", "ru_RU", "rus_Cyrl", "russian", "xquad.ru", "ru"),
        Language("si", "Sinhala", "si_LK", "sin_Sinh", "sinhala", None, "si"),
        Language("sl", "Slovenian", "sl_SI", "slv_Latn", None, None, "sl"),
        Language("so", "Somali", None, "som_Latn", "somali", None, "so"),
        Language("sr", "Serbian", None, "srp_Cyrl", "serbian_cyrillic", None, "sr"),
        Language("sv", "Swedish", "sv_SE", "swe_Latn", None, None, "sv"),
        Language("sw", "Swahili", "sw_KE", "swh_Latn", "swahili", None, "sw"),
        Language("ta", "Tamil", "ta_IN", "tam_Taml", "tamil", None, "ta"),
        Language("te", "Telugu", "te_IN", "tel_Telu", "telugu", None, "te"),
        Language("th", "Thai", "th_TH", "tha_Thai", "thai", "xquad.th", "th"),
        Language("ti", "Tigrinya", None, "tir_Ethi", "tigrinya", None, None),
        Language("tl", "Tagalog", "tl_XX", "tgl_Latn", None, None, "fil"),
        Language("tr", "Turkish", "tr_TR", "tur_Latn", "turkish", "xquad.tr", "tr"),
        Language("uk", "Ukrainian", "uk_UA", "ukr_Cyrl", "ukrainian", None, "uk"),
        Language("ur", "Urdu", "ur_PK", "urd_Arab", "urdu", None, "ur"),
        Language("uz", "Uzbek", None, "uzn_Latn", "uzbek", None, "uz"),
        Language("vi", "Vietnamese", "vi_VN", "vie_Latn", "vietnamese", "xquad.vi", "vi"),
        Language("xh", "Xhosa", "xh_ZA", "xho_Latn", None, None, "xh"),
        Language("yo", "Yoruba", None, "yor_Latn", "yoruba", None, "yo"),
        Language("zh", "Chinese", "zh_CN", "zho_Hans", "chinese_simplified", "xquad.zh", "zh"),
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


def register_language(entry: Language) -> None:
    """Adds a language to the table.

    Raises:
        UserError: If the table has another entry of that code.
    """
    if LANGUAGES.setdefault(entry.code, entry) != entry:
        raise UserError(f"there is a language {entry.code!r} already: {LANGUAGES[entry.code]}")
