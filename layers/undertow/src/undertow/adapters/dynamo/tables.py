"""The tables as data: names, keys, indexes, time to live. ``infra/storage.yaml`` must say the same; a test compares.

Every table has the keys ``pk`` and ``sk``, both texts. Indexes hold whole items and lag behind by up to a second, so
nothing that money depends on is read from one.

    table          pk                sk                                    holds
    liquidations   venue#day         last event time # epoch # first id    one flush of a worker
    orders         account           client order id                       an order
    fills          account#symbol    trade id                              a fill
    positions      account           slot#symbol#side                      everything true now of a side
                   account           totals                                what all entries reserve together
                   account           closed#id                             a closed position
                   account           recon#time#symbol#side#reason#number  a quantity set by the venue's word
    reservations   account           client order id, ladder id            what one entry takes of the caps
    income         incomes#account#kind  time # kind # id # symbol # asset a line of the venue's books
                   trades#account    time # trade id # symbol              a trade of the venue's history
                   checkpoints#account  stream                             how far an import has come
                   adjustments#account  adjustment id                      what a person added
    balances       account           latest, at#time                       the latest balance and its history
    decisions      account           decision id                           a why / why not record
    instruments    venue             symbol                                trading rules
    trade_sessions account           session id                            a span of a strategy's results
    control        account#account   control, readiness#symbol             the switch, a symbol's readiness
                   account#account   guard                                 what the monitor remembers, and its blocks
                   account#account   reconciliation                        what the last pass found, leg by leg
                   account#account   adl                                   how the venue ranks its positions
                   reconciliations#account  time # epoch                   what earlier passes found
                   requests#account  request id                            what a person asks of a position
                   venue#venue       health                                until when a venue must not be called
                   venue#venue       cascade                               what the worker measured of cascades
                   contacts#venue    minute of five # function             what a function asked of a venue
                   heartbeats        worker                                a sign of life
                   leases            task                                  which run does it, under which epoch
                   uses              caller                                when it was let in last
    audit          audit             time # digest                         a human action
    alerts         condition         episode                               from the first report to the end
    connections    feed              head                                  the last number of the live events
                   events            number                                one live event, for an hour
                   sockets           connection                            an open page, and whose token it has
    dedup          actions#token     the sender's key                      what a person asked for, and the answer
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

TTL_ATTRIBUTE: Final = "expires_at_s"
DAY_MS: Final = 86_400_000
STREAM_VIEW: Final = "NEW_AND_OLD_IMAGES"


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index over text attributes. An item without its hash key is not in it."""

    name: str
    hash_key: str
    range_key: str


@dataclass(frozen=True, slots=True)
class Table:
    """``ttl_days`` is None where nothing is ever lost. The changes of a ``streamed`` one are told to functions."""

    name: str
    indexes: tuple[Index, ...] = ()
    ttl_days: int | None = None
    streamed: bool = False


LIQUIDATIONS: Final = Table("liquidations", ttl_days=30, streamed=True)
ORDERS: Final = Table("orders", (Index("live", "live", "at"), Index("by_time", "pk", "at")), streamed=True)
FILLS: Final = Table("fills", (Index("by_time", "account", "at"), Index("by_symbol", "pk", "at")), streamed=True)
POSITIONS: Final = Table("positions", (Index("closed", "closed_of", "at"),), streamed=True)
RESERVATIONS: Final = Table("reservations")
TRADE_SESSIONS: Final = Table("trade_sessions")
INCOME: Final = Table("income")
BALANCES: Final = Table("balances", streamed=True)
DECISIONS: Final = Table("decisions", (Index("by_time", "pk", "at"),), ttl_days=90, streamed=True)
INSTRUMENTS: Final = Table("instruments")
CONTROL: Final = Table("control", (Index("requests", "request_of", "at"),), streamed=True)
AUDIT: Final = Table("audit")
ALERTS: Final = Table("alerts", (Index("open", "open", "at"), Index("by_time", "kind", "at")), streamed=True)
DEDUP: Final = Table("dedup", ttl_days=14)
CONNECTIONS: Final = Table("connections", ttl_days=1)

TABLES: Final = (
    LIQUIDATIONS,
    ORDERS,
    FILLS,
    POSITIONS,
    RESERVATIONS,
    TRADE_SESSIONS,
    INCOME,
    BALANCES,
    DECISIONS,
    INSTRUMENTS,
    CONTROL,
    AUDIT,
    ALERTS,
    DEDUP,
    CONNECTIONS,
)


def definition(table: Table, prefix: str) -> dict[str, Any]:
    """What ``CreateTable`` is told, time to live apart."""
    wanted: dict[str, Any] = {
        "TableName": prefix + table.name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in key_attributes(table)],
        "KeySchema": _keys("pk", "sk"),
    }
    if table.indexes:
        wanted["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index.name,
                "KeySchema": _keys(index.hash_key, index.range_key),
                "Projection": {"ProjectionType": "ALL"},
            }
            for index in table.indexes
        ]
    if table.streamed:
        wanted["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": STREAM_VIEW}
    return wanted


def key_attributes(table: Table) -> tuple[str, ...]:
    """Every attribute that is a key somewhere, each once."""
    return tuple(dict.fromkeys(_key_attributes(table)))


def _key_attributes(table: Table) -> Iterator[str]:
    yield from ("pk", "sk")
    for index in table.indexes:
        yield from (index.hash_key, index.range_key)


def _keys(hash_key: str, range_key: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": hash_key, "KeyType": "HASH"},
        {"AttributeName": range_key, "KeyType": "RANGE"},
    ]
