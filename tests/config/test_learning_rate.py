"""Learning rates: exact decimals with one spelling each."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from xlsearch.config.learning_rate import LearningRate
from xlsearch.errors import UserError

decimals = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent),
    st.integers(1, 10**12),
    st.integers(-20, 3),
)


@pytest.mark.parametrize("value", ["1e-4", "0.0001", "1E-4", "10e-5", 0.0001, Decimal("1e-4")])
def test_all_spellings_of_a_rate_are_one(value: str | float | Decimal) -> None:
    assert LearningRate(value) == LearningRate.decade(4)
    assert hash(LearningRate(value)) == hash(LearningRate.decade(4))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.001", "1e-3"),
        ("3e-4", "3e-4"),
        ("10e-5", "1e-4"),
        ("0.0025", "2.5e-3"),
        (1, "1e0"),
        ("25", "2.5e1"),
    ],
)
def test_it_prints_as_digit_and_power(value: str | int, text: str) -> None:
    assert str(LearningRate(value)) == text


def test_the_trap_of_floats() -> None:
    assert 3 * 10**-4 != 3e-4
    assert LearningRate.decade(4, 3) == LearningRate(3e-4)
    assert float(LearningRate.decade(4, 3)) == 3e-4


@given(decimals)
def test_text_comes_back_exactly(number: Decimal) -> None:
    rate = LearningRate(number)
    assert LearningRate(str(rate)) == rate
    assert Decimal(str(rate)) == number


@given(st.floats(min_value=1e-12, max_value=10.0))
def test_floats_come_back_exactly(number: float) -> None:
    assert float(LearningRate(number)) == number


@given(decimals, decimals)
def test_order_and_equality_are_those_of_numbers(a: Decimal, b: Decimal) -> None:
    assert (LearningRate(a) < LearningRate(b)) == (a < b)
    assert (LearningRate(a) >= LearningRate(b)) == (a >= b)
    assert (LearningRate(a) == LearningRate(b)) == (a == b)


def test_it_is_equal_to_no_float() -> None:
    assert LearningRate("1e-4") != 1e-4


@pytest.mark.parametrize("value", ["fast", "", "0", "-1e-4", "nan", "inf", float("nan"), 0])
def test_what_is_no_positive_number_is_refused(value: str | float) -> None:
    with pytest.raises(UserError, match="1e-4"):
        LearningRate(value)


def test_settings_take_and_give_text() -> None:
    adapter = TypeAdapter(LearningRate)
    assert adapter.validate_python(0.0003) == LearningRate("3e-4")
    assert adapter.dump_json(LearningRate("3e-4")) == b'"3e-4"'
    with pytest.raises(ValidationError, match="must be a positive number"):
        adapter.validate_python("-1")
