"""Model families: one file each, registered here."""

from __future__ import annotations

from xlsearch.models.families.base import Family
from xlsearch.models.families.mbart50 import MBart50
from xlsearch.models.families.mt5 import MT5
from xlsearch.models.families.nllb import NLLB

FAMILIES: dict[str, Family] = {family.name: family for family in (MBart50(), MT5(), NLLB())}

__all__ = ["FAMILIES", "Family"]
