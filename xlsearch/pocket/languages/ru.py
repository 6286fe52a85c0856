"""Russian. Objects are accusative, cities prepositional, reasons genitive."""

from xlsearch.pocket.languages._language import Language, words

RUSSIAN = Language(
    code="ru",
    name="русский",
    mbart_code="ru_RU",
    lexicon={
        "role": words(
            "министр, губернатор, президент, директор, врач, профессор, судья, писатель, актёр,"
            "инженер, генерал, фермер"
        ),
        "name": words(
            "смит, гарсия, петров, мартен, вебер, росси, сильва, новак, танака, хасан, коэн,"
            "ларсен, моро, тейлор, сантос, фишер"
        ),
        "verb": words(
            "открыл, закрыл, посетил, купил, продал, осмотрел, раскритиковал, похвалил,"
            "восстановил, защитил, профинансировал, представил, очистил, покрасил"
        ),
        "object": words(
            "больницу, школу, мост, музей, завод, аэропорт, библиотеку, вокзал, порт, стадион,"
            "рынок, театр, гостиницу, университет, лабораторию, парк, церковь, замок"
        ),
        "city": words(
            "лондоне, париже, мадриде, берлине, москве, пекине, сеуле, токио, тунисе, риме, вене,"
            "афинах, лиссабоне, варшаве, дублине, женеве"
        ),
        "day": words(
            "в понедельник, во вторник, в среду, в четверг, в пятницу, в субботу, в воскресенье"
        ),
        "reason": words(
            "наводнения, пожара, урагана, забастовки, конфликта, выборов, землетрясения, аварии,"
            "протеста, кризиса, скандала, фестиваля"
        ),
    },
    agent="{role} {name}",
    templates={
        "news": (
            "{day} {agent} {verb} {object} в {city}.",
            "{agent} {verb} {object} в {city} {day}.",
        ),
        "cause": ("решение было принято из-за {reason}, пишет газета.",),
        "past": ("в прошлом году {agent} {verb} {object} из-за {reason}.",),
        "rumour": ("по ложным слухам, {agent} {verb} {object}.",),
        "recap": (
            "как мы писали, {agent} {verb} {object} из-за {reason}.",
            "{agent} {verb} {object} из-за {reason}, как мы писали.",
        ),
        "known": ("многие жители знают {object}.",),
        "press": ("{agent} поговорил с журналистами в {city}.",),
        "weather": (
            "погода в {city} была холодной {day}.",
            "погода в {city} была тёплой {day}.",
        ),
        "report": (
            "{day} {agent} {verb} {object} из-за {reason} в {city}.",
            "{agent} {verb} {object} из-за {reason} в {city} {day}.",
        ),
        "ask_what": ("что сделал {agent}?",),
        "ask_why": ("почему {agent} так поступил?",),
        "summary": ("{agent} {verb} {object} из-за {reason}.",),
        "answer_what": ("{verb} {object} из-за {reason} в {city}",),
        "answer_why": ("из-за {reason} в {city}",),
    },
)
