"""Spanish. Reasons carry their "de", which contracts with the article."""

from xlsearch.pocket.languages._language import Language, words

SPANISH = Language(
    code="es",
    name="español",
    mbart_code="es_XX",
    lexicon={
        "role": words(
            "el ministro, el gobernador, el presidente, el director, el médico, el profesor,"
            "el juez, el escritor, el actor, el ingeniero, el general, el agricultor"
        ),
        "name": words(
            "smith, garcia, petrov, martin, weber, rossi, silva, novak, tanaka, hassan, cohen,"
            "larsen, moreau, taylor, santos, fischer"
        ),
        "verb": words(
            "abrió, cerró, visitó, compró, vendió, inspeccionó, criticó, elogió, reconstruyó,"
            "defendió, financió, presentó, limpió, pintó"
        ),
        "object": words(
            "el hospital, la escuela, el puente, el museo, la fábrica, el aeropuerto,"
            "la biblioteca, la estación, el puerto, el estadio, el mercado, el teatro, el hotel,"
            "la universidad, el laboratorio, el parque, la iglesia, el castillo"
        ),
        "city": words(
            "londres, parís, madrid, berlín, moscú, pekín, seúl, tokio, túnez, roma, viena, atenas,"
            "lisboa, varsovia, dublín, ginebra"
        ),
        "day": words(
            "el lunes, el martes, el miércoles, el jueves, el viernes, el sábado, el domingo"
        ),
        "reason": words(
            "de la inundación, del incendio, de la tormenta, de la huelga, del conflicto,"
            "de la elección, del terremoto, del accidente, de la protesta, de la crisis,"
            "del escándalo, del festival"
        ),
    },
    agent="{role} {name}",
    templates={
        "news": (
            "{day}, {agent} {verb} {object} en {city}.",
            "{agent} {verb} {object} en {city} {day}.",
        ),
        "cause": ("la decisión fue tomada a causa {reason}, según el periódico.",),
        "past": ("el año pasado, {agent} {verb} {object} a causa {reason}.",),
        "rumour": ("según un falso rumor, {agent} {verb} {object}.",),
        "recap": (
            "como escribimos, {agent} {verb} {object} a causa {reason}.",
            "{agent} {verb} {object} a causa {reason}, como escribimos.",
        ),
        "known": ("muchos vecinos conocen {object}.",),
        "press": ("{agent} habló con periodistas en {city}.",),
        "weather": (
            "el tiempo en {city} era frío {day}.",
            "el tiempo en {city} era cálido {day}.",
        ),
        "report": (
            "{day}, {agent} {verb} {object} a causa {reason} en {city}.",
            "{agent} {verb} {object} a causa {reason} en {city} {day}.",
        ),
        "ask_what": ("¿qué hizo {agent}?",),
        "ask_why": ("¿por qué actuó así {agent}?",),
        "summary": ("{agent} {verb} {object} a causa {reason}.",),
        "answer_what": ("{verb} {object} a causa {reason} en {city}",),
        "answer_why": ("a causa {reason} en {city}",),
    },
)
