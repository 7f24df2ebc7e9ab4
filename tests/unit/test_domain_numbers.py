"""Numbers from outside, and the rounding that money depends on."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import d

from undertow.domain.numbers import NotADecimal, ceil_to, floor_to, parse_decimal, plain, shown

digits_before = st.integers(0, 10**15 - 1).map(str)
digits_after = st.text("0123456789", min_size=1, max_size=12)
plain_texts = st.builds(
    lambda sign, before, after: f"{sign}{before}{after}",
    st.sampled_from(["", "-"]),
    digits_before,
    st.one_of(st.just(""), digits_after.map(lambda text: f".{text}")),
)


@pytest.mark.parametrize(
    "text", ["0", "-0", "1", "007", "-1.5", "0.000000000001", "999999999999999", "999999999999999.999999999999"]
)
def test_a_plain_decimal_text_is_read_exactly(text: str) -> None:
    value = parse_decimal(text, "price")
    assert Fraction(value) == Fraction(text)
    assert value.as_tuple() == Decimal(text).as_tuple()


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("not a number", "NaN"),
        ("a signalling not a number", "sNaN"),
        ("infinity", "Infinity"),
        ("minus infinity", "-Infinity"),
        ("short infinity", "inf"),
        ("an exponent", "1e400"),
        ("a small exponent", "1e2"),
        ("a capital exponent", "1E2"),
        ("an underscore", "1_000"),
        ("a thousands separator", "1,000"),
        ("full-width digits", "１２３"),
        ("Arabic-Indic digits", "١٢٣"),
        ("a mathematical digit", "𝟏"),
        ("a superscript", "1²"),
        ("a leading space", " 1"),
        ("a trailing space", "1 "),
        ("a trailing newline", "1\n"),
        ("a plus sign", "+1"),
        ("two signs", "--1"),
        ("a Unicode minus", "−1"),
        ("a lone sign", "-"),
        ("nothing", ""),
        ("a lone point", "."),
        ("nothing before the point", ".5"),
        ("nothing after the point", "5."),
        ("two points", "1.2.3"),
        ("hexadecimal", "0x10"),
        ("forty digits", "1" * 40),
        ("sixteen digits before the point", "1" * 16),
        ("thirteen digits after the point", "0." + "1" * 13),
        ("a null byte", "1\x00"),
        ("a word", "true"),
        ("true", True),
        ("false", False),
        ("a float", 1.5),
        ("a float that is not a number", float("nan")),
        ("a whole number that is no text", 1),
        ("a Decimal", Decimal(1)),
        ("bytes", b"1"),
        ("none", None),
        ("a list", ["1"]),
        ("an object", {"price": "1"}),
    ],
)
def test_everything_else_is_refused_by_name(what: str, value: object) -> None:
    with pytest.raises(NotADecimal) as caught:
        parse_decimal(value, "price")
    assert caught.value.field == "price"
    assert caught.value.value is value
    assert str(caught.value) == f"price: {shown(value)!r} is not a plain decimal number"


def test_a_text_that_only_claims_to_be_one_is_refused() -> None:
    class Text(str):
        """Could compare and render as it likes."""

        __slots__ = ()

    with pytest.raises(NotADecimal):
        parse_decimal(Text("1"), "price")


@given(st.one_of(st.text(max_size=40), plain_texts))
def test_a_text_is_read_as_it_stands_or_refused(text: str) -> None:
    try:
        value = parse_decimal(text, "price")
    except NotADecimal:
        return
    assert Fraction(value) == Fraction(text)
    assert set(text) <= set("-.0123456789")


@given(plain_texts)
def test_every_plain_text_is_read(text: str) -> None:
    assert Fraction(parse_decimal(text, "price")) == Fraction(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("x" * 100, "x" * 64, id="a long text"),
        pytest.param(1.5, "1.5", id="a float"),
        pytest.param(None, "None", id="none"),
        pytest.param(True, "True", id="a truth value"),
        pytest.param(Decimal("1E+999999"), "1E+999999", id="a huge decimal"),
        pytest.param(10**62, "1" + "0" * 62, id="a long integer"),
        pytest.param(10**63 - 1, "9" * 63, id="the longest integer that is written"),
        pytest.param(-(10**63), "int", id="a longer one"),
        pytest.param(10**5_000, "int", id="an integer too long to write"),
        pytest.param([1] * 1_000, "list", id="a list"),
        pytest.param({}, "dict", id="an object"),
    ],
)
def test_a_refused_value_is_shown_in_at_most_64_letters(value: object, text: str) -> None:
    assert shown(value) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=12))
def test_plain_writes_the_same_number_without_exponent_or_idle_zeros(value: Decimal) -> None:
    text = plain(value)
    assert Fraction(text) == Fraction(value)
    assert "E" not in text.upper()
    assert not ("." in text and text.endswith(("0", ".")))
    assert text != "-0"


@pytest.mark.parametrize(
    ("value", "text"),
    [("100", "100"), ("1E+5", "100000"), ("1.500", "1.5"), ("-0.00", "0"), ("0E-12", "0"), ("1E-12", "0.000000000001")],
)
def test_plain_keeps_zeros_that_count(value: str, text: str) -> None:
    assert plain(d(value)) == text


steps = st.one_of(
    st.decimals(min_value="0.000000000001", max_value=1000, places=12, allow_nan=False),
    st.sampled_from([d("0.1"), d("0.3"), d("0.00000001"), d("5"), d("1E+3"), d("7")]),
)
values = st.one_of(
    st.decimals(min_value=-(10**12), max_value=10**12, places=12, allow_nan=False),
    # A quotient such as notional / price has all the 28 digits that a context gives.
    st.fractions(min_value=0, max_value=10**9, max_denominator=10**6).map(
        lambda share: Decimal(share.numerator) / Decimal(share.denominator)
    ),
)


@given(values, steps)
def test_floor_is_the_largest_multiple_not_above(value: Decimal, step: Decimal) -> None:
    floor = Fraction(floor_to(value, step))
    assert floor <= Fraction(value) < floor + Fraction(step)
    assert (floor / Fraction(step)).denominator == 1


@given(values, steps)
def test_ceil_is_the_smallest_multiple_not_below(value: Decimal, step: Decimal) -> None:
    ceil = Fraction(ceil_to(value, step))
    assert ceil - Fraction(step) < Fraction(value) <= ceil
    assert (ceil / Fraction(step)).denominator == 1


def test_a_value_just_short_of_a_multiple_is_not_rounded_up_to_it() -> None:
    value = d("0.8999999999999999999999999999")
    assert value / d("0.3") == 3, "28 digits cannot tell the quotient from 3"
    assert floor_to(value, d("0.3")) == d("0.6")
    value = d("0.9000000000000000000000000001")
    assert value / d("0.3") == 3
    assert ceil_to(value, d("0.3")) == d("1.2")


@given(values)
def test_a_step_of_zero_is_no_grid(value: Decimal) -> None:
    assert floor_to(value, d("0")) == value == ceil_to(value, d("0"))


@given(values, steps)
def test_a_multiple_stays_where_it_is(value: Decimal, step: Decimal) -> None:
    multiple = floor_to(value, step)
    assert floor_to(multiple, step) == multiple == ceil_to(multiple, step)
