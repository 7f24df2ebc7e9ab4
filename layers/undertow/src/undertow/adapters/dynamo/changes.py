"""Rows of the tables' streams as what they stand for. Rows that nobody is shown stand for nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.alerts import AlertRecord
from undertow.adapters.dynamo.attributes import Item
from undertow.adapters.dynamo.guard_records import GuardRecord
from undertow.adapters.dynamo.ledger_records import SlotRecord
from undertow.adapters.dynamo.records import DecisionRecord, FillRecord, OrderRecord
from undertow.adapters.dynamo.register_records import BalanceRecord, ControlRecord, VenueHealthRecord
from undertow.adapters.dynamo.requests import RequestRecord
from undertow.adapters.dynamo.worker_rows import liquidations_of
from undertow.domain.feed import Change
from undertow.domain.market import Venue


class NoStream(ValueError):
    """A row came from a table that nobody is shown."""


def changes_of(records: Iterable[Mapping[str, Any]], prefix: str) -> list[Change]:
    """What the records of a Lambda event stand for, in their order. ``prefix`` is what the tables' names begin with.

    Raises NoStream, and what the records of the tables raise for rows that they do not know.
    """
    return [change for record in records for change in _of_record(record, prefix)]


def _of_record(record: Mapping[str, Any], prefix: str) -> Iterator[Change]:
    images = record["dynamodb"]
    if record["eventName"] == "REMOVE" or "NewImage" not in images:
        return
    table = str(record["eventSourceARN"]).partition(":table/")[2].partition("/")[0].removeprefix(prefix)
    read = _READERS.get(table)
    if read is None:
        raise NoStream(f"rows of the table {table} are no news")
    yield from read(images["NewImage"], images.get("OldImage"))


def _liquidations(row: Item, _: Item | None) -> Iterator[Change]:
    venue = Venue(row["pk"]["S"].partition("#")[0])
    if row["pk"]["S"] != keys.gaps(venue):
        yield from liquidations_of(venue, row)


def _decision(row: Item, _: Item | None) -> Iterator[Change]:
    yield DecisionRecord.from_raw_data(row).to_domain()


def _order(row: Item, _: Item | None) -> Iterator[Change]:
    yield OrderRecord.from_raw_data(row).to_domain()


def _fill(row: Item, _: Item | None) -> Iterator[Change]:
    yield FillRecord.from_raw_data(row).to_domain()


def _position(row: Item, before: Item | None) -> Iterator[Change]:
    """A slot without a position that had none before is a reservation: the account's risk tells of it."""
    if row["sk"]["S"].startswith(keys.SLOTS):
        slot = SlotRecord.from_raw_data(row).to_domain()
        if before is None or SlotRecord.from_raw_data(before).to_domain() != slot:
            yield slot


def _balance(row: Item, _: Item | None) -> Iterator[Change]:
    if row["sk"]["S"] == keys.LATEST:
        yield BalanceRecord.from_raw_data(row).to_domain()


def _control(row: Item, before: Item | None) -> Iterator[Change]:
    pk, sk = row["pk"]["S"], row["sk"]["S"]
    if pk.startswith(keys.REQUESTS):
        yield RequestRecord.from_raw_data(row).to_domain()
    elif sk == keys.CONTROL:
        yield ControlRecord.from_raw_data(row).to_domain()
    elif sk == keys.HEALTH:
        yield VenueHealthRecord.from_raw_data(row).to_domain()
    elif sk == keys.GUARD:
        guard = GuardRecord.from_raw_data(row).to_domain()
        known = None if before is None else GuardRecord.from_raw_data(before).to_domain()
        # It is written with every look at the account; what stands against entries changes rarely.
        if (
            known is None
            or known.blocks != guard.blocks
            or _proves(known.standing_proof) != _proves(guard.standing_proof)
        ):
            yield guard


def _proves(proof: object) -> bool:
    return proof is not None


def _alert(row: Item, _: Item | None) -> Iterator[Change]:
    yield AlertRecord.from_raw_data(row).to_domain()


_READERS: Final[Mapping[str, Callable[[Item, Item | None], Iterator[Change]]]] = {
    "liquidations": _liquidations,
    "decisions": _decision,
    "orders": _order,
    "fills": _fill,
    "positions": _position,
    "balances": _balance,
    "control": _control,
    "alerts": _alert,
}
