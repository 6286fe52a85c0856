"""German. Objects stand in the accusative, reasons in the genitive; the verb is second."""

from xlsearch.pocket.languages._language import Language, words

GERMAN = Language(
    code="de",
    name="deutsch",
    mbart_code="de_DE",
    lexicon={
        "role": words(
            "der minister, der gouverneur, der präsident, der direktor, der arzt, der professor,"
            "der richter, der schriftsteller, der schauspieler, der ingenieur, der general,"
            "der landwirt"
        ),
        "name": words(
            "smith, garcia, petrov, martin, weber, rossi, silva, novak, tanaka, hassan, cohen,"
            "larsen, moreau, taylor, santos, fischer"
        ),
        "verb": words(
            "eröffnete, schloss, besuchte, kaufte, verkaufte, inspizierte, kritisierte, lobte,"
            "erneuerte, verteidigte, finanzierte, präsentierte, reinigte, bemalte"
        ),
        "object": words(
            "das krankenhaus, die schule, die brücke, das museum, die fabrik, den flughafen,"
            "die bibliothek, den bahnhof, den hafen, das stadion, den markt, das theater,"
            "das hotel, die universität, das labor, den park, die kirche, das schloss"
        ),
        "city": words(
            "london, paris, madrid, berlin, moskau, peking, seoul, tokio, tunis, rom, wien, athen,"
            "lissabon, warschau, dublin, genf"
        ),
        "day": words(
            "am montag, am dienstag, am mittwoch, am donnerstag, am freitag, am samstag, am sonntag"
        ),
        "reason": words(
            "der überschwemmung, des brandes, des sturms, des streiks, des konflikts, der wahl,"
            "des erdbebens, des unfalls, des protests, der krise, des skandals, des festivals"
        ),
    },
    agent="{role} {name}",
    templates={
        "news": (
            "{day} {verb} {agent} {object} in {city}.",
            "{agent} {verb} {object} in {city} {day}.",
        ),
        "cause": ("die entscheidung fiel wegen {reason}, sagt die zeitung.",),
        "past": ("letztes jahr {verb} {agent} {object} wegen {reason}.",),
        "rumour": ("laut einem falschen gerücht {verb} {agent} {object}.",),
        "recap": (
            "wie wir schrieben, {verb} {agent} {object} wegen {reason}.",
            "{agent} {verb} {object} wegen {reason}, wie wir schrieben.",
        ),
        "known": ("viele einwohner kennen {object}.",),
        "press": ("{agent} sprach mit journalisten in {city}.",),
        "weather": ("das wetter in {city} war {day} kalt.", "das wetter in {city} war {day} warm."),
        "report": (
            "{day}: {agent} {verb} {object} wegen {reason} in {city}.",
            "{agent} {verb} {object} wegen {reason} in {city} {day}.",
        ),
        "ask_what": ("was tat {agent}?",),
        "ask_why": ("warum handelte {agent} so?",),
        "summary": ("{agent} {verb} {object} wegen {reason}.",),
        "answer_what": ("{verb} {object} wegen {reason} in {city}",),
        "answer_why": ("wegen {reason} in {city}",),
    },
)
