"""What a function asked of a venue in a minute, as an item. Plain, without any library: the worker writes it too.

    minute          number  of the venue's clock, from the epoch
    used, limit, told_at_ms         numbers, where the venue said what it had counted
    offset_ms, offset_at_ms         numbers, where the clocks were compared
    w GET /fapi/v3/order            number: the weight of an endpoint
    n GET /fapi/v3/order            number: its requests

The row of a minute is the row of the fifth minute before it, so there are never more than five of a function, and no
role needs to delete any. Figures of endpoints are attributes of their own, so that several processes can add to them.
"""

from collections.abc import Mapping
from typing import Any, Final

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.conditions import Condition, Update
from undertow.domain.contact import KEPT_MINUTES, Asked, ClockOffset, Contact, VenueCount
from undertow.domain.market import Venue

Item = dict[str, Any]

_MINUTE: Final = "minute"
_WEIGHT: Final = "w "
_REQUESTS: Final = "n "


def contact_key(contact: Contact) -> tuple[str, str]:
    return keys.contacts(contact.venue), f"{contact.minute % KEPT_MINUTES}#{contact.function}"


def contact_item(contact: Contact) -> Item:
    pk, sk = contact_key(contact)
    numbers = {_MINUTE: contact.minute, **_told(contact), **_asked(contact)}
    return {"pk": {"S": pk}, "sk": {"S": sk}, **{name: _n(number) for name, number in numbers.items()}}


def instead_of_older(contact: Contact) -> Condition:
    """There is no row yet, or one of an earlier minute, which nobody needs any more."""
    return Condition(
        "attribute_not_exists(#pk) OR #minute < :minute",
        {"#pk": "pk", "#minute": _MINUTE},
        {":minute": _n(contact.minute)},
    )


def of_same_minute(contact: Contact) -> Condition:
    return Condition("#minute = :minute", {"#minute": _MINUTE}, {":minute": _n(contact.minute)})


def adding(contact: Contact) -> Update:
    """Endpoints are added to what stands there; what the venue said last is said instead."""
    told, asked = _told(contact), _asked(contact)
    names = {f"#{place}": name for place, name in enumerate((*told, *asked))}
    values = {f":{place}": _n(number) for place, number in enumerate((*told.values(), *asked.values()))}
    set_to = ", ".join(f"#{place} = :{place}" for place in range(len(told)))
    added = ", ".join(f"#{place} :{place}" for place in range(len(told), len(names)))
    parts = [f"SET {set_to}" if told else "", f"ADD {added}" if asked else ""]
    return Update(" ".join(part for part in parts if part), names, values)


def read_contact(item: Item) -> Contact:
    by_endpoint = {
        name.removeprefix(_WEIGHT): Asked(_number(item, _REQUESTS + name.removeprefix(_WEIGHT)), _number(item, name))
        for name in item
        if name.startswith(_WEIGHT)
    }
    return Contact(
        Venue(item["pk"]["S"].removeprefix(keys.CONTACTS)),
        item["sk"]["S"].partition("#")[2],
        _number(item, _MINUTE),
        by_endpoint,
        VenueCount(_number(item, "used"), _number(item, "limit"), _number(item, "told_at_ms"))
        if "used" in item
        else None,
        ClockOffset(_number(item, "offset_ms"), _number(item, "offset_at_ms")) if "offset_ms" in item else None,
    )


def _told(contact: Contact) -> dict[str, int]:
    count, clock = contact.count, contact.clock
    return {
        **({} if count is None else {"used": count.used, "limit": count.limit, "told_at_ms": count.told_at_ms}),
        **({} if clock is None else {"offset_ms": clock.offset_ms, "offset_at_ms": clock.measured_at_ms}),
    }


def _asked(contact: Contact) -> dict[str, int]:
    return {
        attribute: number
        for name, asked in contact.by_endpoint.items()
        for attribute, number in ((_WEIGHT + name, asked.weight), (_REQUESTS + name, asked.requests))
    }


def _n(number: int) -> Mapping[str, str]:
    return {"N": str(number)}


def _number(item: Item, name: str) -> int:
    return int(item[name]["N"])
