"""English."""

from xlsearch.pocket.languages._language import Language, words

ENGLISH = Language(
    code="en",
    name="english",
    mbart_code="en_XX",
    lexicon={
        "role": words(
            "minister, governor, president, director, doctor, professor, judge, writer, actor,"
            "engineer, general, farmer"
        ),
        "name": words(
            "smith, garcia, petrov, martin, weber, rossi, silva, novak, tanaka, hassan, cohen,"
            "larsen, moreau, taylor, santos, fischer"
        ),
        "verb": words(
            "opened, closed, visited, bought, sold, inspected, criticised, praised, rebuilt,"
            "defended, financed, presented, cleaned, painted"
        ),
        "object": words(
            "the hospital, the school, the bridge, the museum, the factory, the airport,"
            "the library, the station, the port, the stadium, the market, the theatre, the hotel,"
            "the university, the laboratory, the park, the church, the castle"
        ),
        "city": words(
            "london, paris, madrid, berlin, moscow, beijing, seoul, tokyo, tunis, rome, vienna,"
            "athens, lisbon, warsaw, dublin, geneva"
        ),
        "day": words(
            "on monday, on tuesday, on wednesday, on thursday, on friday, on saturday, on sunday"
        ),
        "reason": words(
            "the flood, the fire, the storm, the strike, the conflict, the election,"
            "the earthquake, the accident, the protest, the crisis, the scandal, the festival"
        ),
    },
    agent="{role} {name}",
    templates={
        "news": (
            "{day}, {agent} {verb} {object} in {city}.",
            "{agent} {verb} {object} in {city} {day}.",
        ),
        "cause": ("the decision was made because of {reason}, the newspaper said.",),
        "past": ("last year, {agent} {verb} {object} because of {reason}.",),
        "rumour": ("according to a false rumour, {agent} {verb} {object}.",),
        "recap": (
            "as we wrote, {agent} {verb} {object} because of {reason}.",
            "{agent} {verb} {object} because of {reason}, as we wrote.",
        ),
        "known": ("many residents know {object}.",),
        "press": ("{agent} spoke with journalists in {city}.",),
        "weather": (
            "the weather in {city} was cold {day}.",
            "the weather in {city} was warm {day}.",
        ),
        "report": (
            "{day}, {agent} {verb} {object} because of {reason} in {city}.",
            "{agent} {verb} {object} because of {reason} in {city} {day}.",
        ),
        "ask_what": ("what did {agent} do?",),
        "ask_why": ("why did {agent} act like this?",),
        "summary": ("{agent} {verb} {object} because of {reason}.",),
        "answer_what": ("{verb} {object} because of {reason} in {city}",),
        "answer_why": ("because of {reason} in {city}",),
    },
)
