"""Moments as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undertow.domain.times import NotAMoment, read_moment, utc_text


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025-12-11", 1_765_411_200_000, 1_765_497_599_999),
        ("2025-12-11T01:36Z", 1_765_416_960_000, 1_765_416_960_000),
        ("2025-12-11T01:36:40.5Z", 1_765_417_000_500, 1_765_417_000_500),
        ("2025-12-11T02:36:40+01:00", 1_765_417_000_000, 1_765_417_000_000),
        ("1765417000000", 1_765_417_000_000, 1_765_417_000_000),
        ("0", 0, 0),
    ],
)
def test_a_day_is_its_first_or_its_last_millisecond_and_a_moment_is_itself(text: str, first: int, last: int) -> None:
    assert (read_moment(text), read_moment(text, last=True)) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2025-02-30",
        "2025-12-11T01:36",  # without its offset nobody knows when it is
        "2025-12-11 01:36Z",
        "2025-12-11T25:00Z",
        "1969-12-31",
        "9999-12-31",
        "-1",
        "１７６５",
        "12345678901234",
    ],
)
def test_what_could_be_understood_differently_is_not_understood(text: str) -> None:
    with pytest.raises(NotAMoment):
        read_moment(text)


@given(st.integers(0, 9_999_999_999_999))
def test_a_moment_that_was_written_is_read_as_the_same_one(time_ms: int) -> None:
    assert read_moment(utc_text(time_ms)) == time_ms
