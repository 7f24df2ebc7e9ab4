"""Figures as people read them at the terminal; the exact ones are in --json."""

import pytest

from undertow.commands.view_parts import money, price
from undertow.domain.json_text import Json


@pytest.mark.parametrize(
    ("value", "shown"),
    [("2.188213137000000000000000004", "2.19"), ("-0.067", "-0.07"), ("10000", "10000"), (None, "not known")],
)
def test_money_is_told_to_the_cent(value: Json, shown: str) -> None:
    assert money(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("5.613629113924050632911392405", "5.6136291"),
        ("0.000012345678", "0.000012345678"),
        ("91905.45746543", "91905.457"),
        ("91418.7", "91418.7"),
        (None, "not known"),
    ],
)
def test_an_average_price_ends_after_eight_digits(value: Json, shown: str) -> None:
    assert price(value) == shown
