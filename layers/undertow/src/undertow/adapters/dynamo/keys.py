"""How keys are written. A time comes first and has 13 digits, so that texts sort as times do."""

from collections.abc import Iterator
from typing import Final

from undertow.adapters.dynamo.tables import DAY_MS
from undertow.domain.ids import AccountId, PositionId, Symbol, TradeId
from undertow.domain.income import IncomeKind
from undertow.domain.market import PositionSide, Venue
from undertow.domain.request import RequestId

TOTALS: Final = "totals"
CONTROL: Final = "control"
HEALTH: Final = "health"
CASCADE: Final = "cascade"
GUARD: Final = "guard"
ADL: Final = "adl"
LATEST: Final = "latest"
AUDIT: Final = "audit"
HEARTBEATS: Final = "heartbeats"
LEASES: Final = "leases"
RECONCILIATION: Final = "reconciliation"
CORRECTIONS: Final = "recon#"
SLOTS: Final = "slot#"
READINESSES: Final = "readiness#"
HISTORY: Final = "at#"
VENUES: Final = "venue#"
CONTACTS: Final = "contacts#"
REQUESTS: Final = "requests#"
USES: Final = "uses"

_LAST_MS: Final = 9_999_999_999_998


def at(time_ms: int, *rest: str) -> str:
    return "#".join((f"{time_ms:013d}", *rest))


def span(from_ms: int, to_ms: int) -> tuple[str, str]:
    """Bounds that hold every ``at`` key from ``from_ms`` to ``to_ms``, both included."""
    return at(min(max(from_ms, 0), _LAST_MS)), at(min(max(to_ms, -1), _LAST_MS) + 1)


def slot(symbol: Symbol, side: PositionSide) -> str:
    return f"{SLOTS}{symbol}#{side}"


def closed(position: PositionId) -> str:
    return f"closed#{position}"


def fills(account: AccountId, symbol: Symbol) -> str:
    return f"{account}#{symbol}"


def trade(trade_id: TradeId) -> str:
    return f"{trade_id:020d}"


def account(account_id: AccountId) -> str:
    return f"account#{account_id}"


def venue(venue_id: Venue) -> str:
    return VENUES + venue_id


def contacts(venue_id: Venue) -> str:
    return CONTACTS + venue_id


def reconciliations(account_id: AccountId) -> str:
    return f"reconciliations#{account_id}"


def requests(account_id: AccountId) -> str:
    return REQUESTS + account_id


def read_request_key(pk: str, sk: str) -> tuple[AccountId, RequestId]:
    """Raises ValueError for the key of another row."""
    if not pk.startswith(REQUESTS):
        raise ValueError(f"the row {pk} is no request")
    return AccountId(pk.removeprefix(REQUESTS)), RequestId(sk)


def correction(time_ms: int, symbol: Symbol, side: PositionSide, reason: str, number: int) -> str:
    return CORRECTIONS + at(time_ms, symbol, side, reason, str(number))


def trades(account_id: AccountId) -> str:
    return f"trades#{account_id}"


def incomes(account_id: AccountId, kind: IncomeKind) -> str:
    """Apart by kind: commissions and realised profits are most of the lines, and few questions need them."""
    return f"incomes#{account_id}#{kind}"


def checkpoints(account_id: AccountId) -> str:
    return f"checkpoints#{account_id}"


def adjustments(account_id: AccountId) -> str:
    return f"adjustments#{account_id}"


def actions(caller: str) -> str:
    return f"actions#{caller}"


def readiness(symbol: Symbol) -> str:
    return READINESSES + symbol


def liquidation_day(venue_id: Venue, time_ms: int) -> str:
    return f"{venue_id}#{at(time_ms - time_ms % DAY_MS)}"


def gaps(venue_id: Venue) -> str:
    return f"{venue_id}#gaps"


def liquidation_days(venue_id: Venue, from_ms: int, to_ms: int) -> Iterator[str]:
    """Every day that has a part in the range, oldest first."""
    return (liquidation_day(venue_id, day * DAY_MS) for day in range(from_ms // DAY_MS, to_ms // DAY_MS + 1))
