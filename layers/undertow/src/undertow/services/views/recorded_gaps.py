"""Where the recording of liquidations has gaps, the one that is open now among them."""

from typing import Final

from typing_extensions import TypedDict

from undertow.domain.market import Venue
from undertow.services.views.render import EpochMs
from undertow.services.views.sources import Sources
from undertow.services.views.standing import HEARTBEAT_LATE_MS

SAMPLED: Final = "the venue reports at most one liquidation per symbol per second: sums are lower bounds"


class GapRow(TypedDict):
    """``to_ms`` is null while the gap is still open."""

    from_ms: EpochMs
    to_ms: EpochMs | None
    reason: str


def gap_rows(sources: Sources, venue: Venue, from_ms: int, to_ms: int) -> list[GapRow]:
    """What of the range was not heard, oldest first."""
    rows: list[GapRow] = [
        {"from_ms": max(gap.from_ms, from_ms), "to_ms": gap.to_ms, "reason": gap.reason}
        for gap in sorted(sources.kept.liquidations.gaps(venue, from_ms, to_ms), key=lambda gap: gap.from_ms)
    ]
    silent_since_ms = open_gap_ms(sources)
    if silent_since_ms is not None and silent_since_ms <= to_ms:
        rows.append({"from_ms": silent_since_ms, "to_ms": None, "reason": "the stream worker is not heard"})
    return rows


def open_gap_ms(sources: Sources) -> int | None:
    """Since when no worker has given a sign of life; None while one does, or where there never was one."""
    latest_ms = max((one.time_ms for one in sources.kept.heartbeats.all()), default=None)
    if latest_ms is None or sources.clock.now_ms() - latest_ms <= HEARTBEAT_LATE_MS:
        return None
    return latest_ms
