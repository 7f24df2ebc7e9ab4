"""Moments as people write and read them. Everything else counts epoch milliseconds, UTC."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

MILLISECOND: Final = timedelta(milliseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS: Final = 10**13 - 1
_DIGITS: Final = re.compile(r"[0-9]{1,13}", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)

ALLOWED: Final = "a day such as 2026-01-31, a moment such as 2026-01-31T12:00:00Z, or epoch milliseconds"


class NotAMoment(ValueError):
    """A text is neither a day, nor a moment with its offset from UTC, nor epoch milliseconds."""


def utc_text(time_ms: int) -> str:
    """As 2026-01-31T12:00:00.123Z."""
    moment = _EPOCH + time_ms * MILLISECOND
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def read_moment(text: str, *, last: bool = False) -> int:
    """Epoch milliseconds. A day is its first millisecond in UTC, with ``last`` its last one. Raises NotAMoment."""
    if _DIGITS.fullmatch(text):
        return int(text)
    try:
        if _DAY.fullmatch(text):
            day = datetime.combine(
                date.fromisoformat(text) + timedelta(days=1 if last else 0), datetime.min.time(), UTC
            )
            found = (day - _EPOCH) // MILLISECOND - (1 if last else 0)
        elif _MOMENT.fullmatch(text):
            found = (datetime.fromisoformat(text) - _EPOCH) // MILLISECOND
        else:
            raise NotAMoment(text)
    except (ValueError, OverflowError) as error:
        raise NotAMoment(text) from error
    if not 0 <= found <= _LATEST_MS:
        raise NotAMoment(text)
    return found
