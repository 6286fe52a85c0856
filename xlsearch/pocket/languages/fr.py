"""French. Reasons carry their "de", which contracts with the article."""

from xlsearch.pocket.languages._language import Language, words

FRENCH = Language(
    code="fr",
    name="français",
    mbart_code="fr_XX",
    lexicon={
        "role": words(
            "le ministre, le gouverneur, le président, le directeur, le médecin, le professeur,"
            "le juge, l'|écrivain, l'|acteur, l'|ingénieur, le général, l'|agriculteur"
        ),
        "name": words(
            "smith, garcia, petrov, martin, weber, rossi, silva, novak, tanaka, hassan, cohen,"
            "larsen, moreau, taylor, santos, fischer"
        ),
        "verb": words(
            "a ouvert, a fermé, a visité, a acheté, a vendu, a inspecté, a critiqué, a salué,"
            "a reconstruit, a défendu, a financé, a présenté, a nettoyé, a peint"
        ),
        "object": words(
            "l'|hôpital, l'|école, le pont, le musée, l'|usine, l'|aéroport, la bibliothèque,"
            "la gare, le port, le stade, le marché, le théâtre, l'|hôtel, l'|université,"
            "le laboratoire, le parc, l'|église, le château"
        ),
        "city": words(
            "londres, paris, madrid, berlin, moscou, pékin, séoul, tokyo, tunis, rome, vienne,"
            "athènes, lisbonne, varsovie, dublin, genève"
        ),
        "day": words("lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche"),
        "reason": words(
            "de l'|inondation, de l'|incendie, de la tempête, de la grève, du conflit,"
            "de l'|élection, du séisme, de l'|accident, de la manifestation, de la crise,"
            "du scandale, du festival"
        ),
    },
    agent="{role} {name}",
    templates={
        "news": (
            "{day}, {agent} {verb} {object} à {city}.",
            "{agent} {verb} {object} à {city} {day}.",
        ),
        "cause": ("la décision a été prise à cause {reason}, selon le journal.",),
        "past": ("l'|an dernier, {agent} {verb} {object} à cause {reason}.",),
        "rumour": ("selon une fausse rumeur, {agent} {verb} {object}.",),
        "recap": (
            "comme nous l'|avons écrit, {agent} {verb} {object} à cause {reason}.",
            "{agent} {verb} {object} à cause {reason}, comme nous l'|avons écrit.",
        ),
        "known": ("beaucoup d'|habitants connaissent {object}.",),
        "press": ("{agent} a parlé avec des journalistes à {city}.",),
        "weather": (
            "le temps à {city} était froid {day}.",
            "le temps à {city} était chaud {day}.",
        ),
        "report": (
            "{day}, {agent} {verb} {object} à cause {reason} à {city}.",
            "{agent} {verb} {object} à cause {reason} à {city} {day}.",
        ),
        "ask_what": ("qu'|a fait {agent} ?",),
        "ask_why": ("pourquoi {agent} a-t-il agi ainsi ?",),
        "summary": ("{agent} {verb} {object} à cause {reason}.",),
        "answer_what": ("{verb} {object} à cause {reason} à {city}",),
        "answer_why": ("à cause {reason} à {city}",),
    },
)
