"""What is known of each model family without loading torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FamilyFacts:
    """A family in short; how it takes input and gives output is in ``xlsearch.models.families``.

    Attributes:
        name: Name of the family.
        model_type: What its models' ``config.json`` calls it.
        input_limit: Longest input of its published models, in pieces (paper, section on the
            experimental setup).
        codes: Column of the table of languages that has the codes by which its models are told
            the language to write; None for a family without codes.
    """

    name: str
    model_type: str
    input_limit: int
    codes: str | None


FAMILY_FACTS = {
    facts.name: facts
    for facts in (
        FamilyFacts("mbart", "mbart", 1024, "mbart50"),
        FamilyFacts("mt5", "mt5", 512, None),
        FamilyFacts("nllb", "m2m_100", 512, "nllb200"),
    )
}

FAMILY_NAMES = tuple(FAMILY_FACTS)
"""Keys of ``xlsearch.models.families.FAMILIES``, too."""
