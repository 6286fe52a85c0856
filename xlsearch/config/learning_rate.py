"""Learning rates as exact decimals.

A search compares, looks up and names its points by learning rate. Floats are no keys for that:
``3 * 10**-4 != 3e-4``. A learning rate is therefore a digit and a power of ten until the moment
the optimizer wants a float.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import total_ordering
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from xlsearch.errors import UserError


@total_ordering
class LearningRate:
    """A positive decimal, printed as ``1e-4`` or ``2.5e-3``.

    Args:
        value: ``"1e-4"``, ``"0.0001"``, an int, a Decimal, or a float, which is read by its
            shortest representation, so that the float nearest to 3e-4 is 3e-4 again.

    Raises:
        UserError: If the value is no positive finite number.
    """

    __slots__ = ("_decimal",)

    _decimal: Decimal

    def __init__(self, value: str | float | Decimal | LearningRate) -> None:
        if isinstance(value, LearningRate):
            self._decimal = value._decimal
            return
        try:
            number = value if isinstance(value, Decimal) else Decimal(str(value))
        except InvalidOperation:
            raise UserError(
                f"learning rate {value!r} is not a number; write it like 1e-4"
            ) from None
        if not number.is_finite() or number <= 0:
            raise UserError(f"learning rate {value!r} must be a positive number, such as 1e-4")
        self._decimal = number.normalize()

    @classmethod
    def decade(cls, k: int, factor: int = 1) -> LearningRate:
        """``factor * 10**-k``, the way the paper writes its learning rates."""
        return cls(Decimal(factor).scaleb(-k))

    def times(self, factor: int) -> LearningRate:
        """This learning rate times a whole number, exactly."""
        return LearningRate(self._decimal * factor)

    def __float__(self) -> float:
        return float(self._decimal)

    def __str__(self) -> str:
        _, digits, exponent = self._decimal.as_tuple()
        assert isinstance(exponent, int)
        mantissa = str(digits[0])
        if len(digits) > 1:
            mantissa += "." + "".join(map(str, digits[1:]))
        return f"{mantissa}e{exponent + len(digits) - 1}"

    def __repr__(self) -> str:
        return f"LearningRate('{self}')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LearningRate) and self._decimal == other._decimal

    def __lt__(self, other: LearningRate) -> bool:
        return self._decimal < other._decimal

    def __hash__(self) -> int:
        return hash(self._decimal)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validate, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def _validate(cls, value: Any) -> LearningRate:
        try:
            return cls(value)
        except UserError as error:
            raise ValueError(str(error)) from None
