"""Korean. Topic and object particles depend on whether the word before them ends in a consonant."""

import re

from xlsearch.pocket.languages._language import Language, words

_PARTICLE = re.compile(r"([가-힣])(\|*)(은/는|을/를)")
_FIRST_SYLLABLE, _FINALS = 0xAC00, 28


def _particles(text: str) -> str:
    """Chooses 은 or 는, 을 or 를; a syllable's code point says whether it has a final consonant."""

    def chosen(match: re.Match[str]) -> str:
        syllable, marks, pair = match.groups()
        closed = (ord(syllable) - _FIRST_SYLLABLE) % _FINALS != 0
        return f"{syllable}{marks}{pair[0] if closed else pair[2]}"

    return _PARTICLE.sub(chosen, text)


KOREAN = Language(
    code="ko",
    name="한국어",
    mbart_code="ko_KR",
    lexicon={
        "role": words(
            "장관, 도지사, 대통령, 국장, 의사, 교수, 판사, 작가, 배우, 기술자, 장군, 농부"
        ),
        "name": words(
            "스미스, 가르시아, 페트로프, 마르탱, 베버, 로시, 실바, 노바크, 다나카, 하산, 코헨,"
            "라르센, 모로, 테일러, 산토스, 피셔"
        ),
        "verb": words(
            "열었다, 닫았다, 방문했다, 구입했다, 판매했다, 점검했다, 비판했다, 칭찬했다, 재건했다,"
            "옹호했다, 지원했다, 소개했다, 청소했다, 칠했다"
        ),
        "object": words(
            "병원, 학교, 다리, 박물관, 공장, 공항, 도서관, 기차역, 항구, 경기장, 시장, 극장, 호텔,"
            "대학교, 연구소, 공원, 교회, 고성"
        ),
        "city": words(
            "런던, 파리, 마드리드, 베를린, 모스크바, 베이징, 서울, 도쿄, 튀니스, 로마, 비엔나,"
            "아테네, 리스본, 바르샤바, 더블린, 제네바"
        ),
        "day": words("월요일, 화요일, 수요일, 목요일, 금요일, 토요일, 일요일"),
        "reason": words("홍수, 화재, 폭풍, 파업, 분쟁, 선거, 지진, 사고, 시위, 위기, 추문, 축제"),
    },
    agent="{name} {role}",
    agreement=_particles,
    templates={
        "news": (
            "{agent}은/는 {city}에서 {day}에 {object}을/를 {verb}.",
            "{agent}은/는 {day}에 {city}에서 {object}을/를 {verb}.",
        ),
        "cause": ("신문에 따르면 이 결정은 {reason} 때문에 나왔다.",),
        "past": ("작년에 {agent}은/는 {reason} 때문에 {object}을/를 {verb}.",),
        "rumour": ("헛소문에 따르면 {agent}은/는 {object}을/를 {verb}.",),
        "recap": (
            "우리가 쓴 대로 {agent}은/는 {reason} 때문에 {object}을/를 {verb}.",
            "{agent}은/는 {reason} 때문에 {object}을/를 {verb}. 우리가 이미 썼다.",
        ),
        "known": ("많은 주민들이 {object}을/를 안다.",),
        "press": ("{agent}은/는 {city}에서 기자들과 이야기했다.",),
        "weather": ("{day}에 {city}에서 날씨가 추웠다.", "{day}에 {city}에서 날씨가 더웠다."),
        "report": (
            "{day}에 {agent}은/는 {city}의 {reason} 때문에 {object}을/를 {verb}.",
            "{agent}은/는 {day}에 {city}의 {reason} 때문에 {object}을/를 {verb}.",
        ),
        "ask_what": ("{agent}은/는 무엇을 했나?",),
        "ask_why": ("{agent}은/는 왜 그렇게 했나?",),
        "summary": ("{agent}은/는 {reason} 때문에 {object}을/를 {verb}.",),
        "answer_what": ("{city}의 {reason} 때문에 {object}을/를 {verb}",),
        "answer_why": ("{city}의 {reason} 때문에",),
    },
)
