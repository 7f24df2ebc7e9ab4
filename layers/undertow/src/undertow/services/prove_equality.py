"""Leg by leg: does the ledger say what the venue says? What is not proven keeps entries of the symbol waiting."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from undertow.domain.account import Account
from undertow.domain.ids import is_ours
from undertow.domain.market import PositionSide, Side
from undertow.domain.numbers import ZERO, plain
from undertow.domain.order import OrderNews
from undertow.domain.reconciliation import LegProof
from undertow.ports import AlertLevel, Clock, Ledger, Notifier, Orders, Venues
from undertow.services.cancel_orphans import CancelOrphans
from undertow.services.guard_positions import Guarded
from undertow.services.protect import Protection, stands
from undertow.services.reading import Leg, Reading, differs, read

RETURNS_MS: Final = 3_600_000
RETURNS: Final = 3
"""A leg that had to be set by the venue's word this often within an hour is not traded: something goes wrong there
again and again, and a person is told. The ledger follows the venue all the same, once in two passes at most."""


@dataclass(frozen=True, slots=True)
class ProveEquality:
    ledger: Ledger
    orders: Orders
    venues: Venues
    orphans: CancelOrphans
    notifier: Notifier
    clock: Clock

    def __call__(self, account: Account, seen: Reading, guarded: Guarded) -> tuple[Reading, tuple[LegProof, ...]]:
        """The reading that the proof stands on, and every leg that either side knows.

        The pass itself has changed things since it read: where what it reads no longer agrees with the ledger it reads
        once more. What still differs then is a fill under way or a real difference, and no entry can tell which.
        """
        if not self._agrees(account, seen):
            seen = read(self.venues.trading(account), self.clock)
        held = self._held(account)
        made = {leg: LegProof(*leg) for leg in (*held, *seen.legs)}
        for leg, quantity in held.items():
            made[leg] = replace(made[leg], ledger_quantity=quantity, protected=_protected(guarded.legs.get(leg)))
        for leg, position in seen.legs.items():
            made[leg] = replace(made[leg], venue_quantity=position.quantity)
        self._count_orders(account, seen, made)
        returning = self._returning(account)
        legs = [replace(proof, doubt=_doubt(proof, returning[leg])) for leg, proof in sorted(made.items())]
        return seen, tuple(legs)

    def _agrees(self, account: Account, seen: Reading) -> bool:
        slots = {(slot.symbol, slot.side): slot for slot in self.ledger.slots_in_use(account.id)}
        if any(differs(slots.get(leg), seen.legs.get(leg)) for leg in slots | dict(seen.legs)):
            return False
        ours = {order_id for order_id in seen.open_orders if is_ours(order_id)}
        living = {order.client_order_id for order in self.orders.unfinished(account.id) if stands(order)}
        return ours == living

    def _held(self, account: Account) -> dict[Leg, Decimal]:
        slots = self.ledger.slots_in_use(account.id)
        return {(slot.symbol, slot.side): slot.position.quantity if slot.position else ZERO for slot in slots}

    def _count_orders(self, account: Account, seen: Reading, made: dict[Leg, LegProof]) -> None:
        for order in self.orders.unfinished(account.id):
            leg = order.intent.symbol, order.intent.position_side
            known = made.setdefault(leg, LegProof(*leg))
            made[leg] = replace(known, ledger_orders=known.ledger_orders + 1)
        for order_id, news in seen.open_orders.items():
            leg = news.symbol, _side_of(news)
            known = made.setdefault(leg, LegProof(*leg))
            if is_ours(order_id):
                made[leg] = replace(known, venue_orders=known.venue_orders + 1)
            else:
                made[leg] = replace(known, foreign_orders=known.foreign_orders + 1)
        for order in self.orphans.among(account, seen.open_orders):
            leg = order.intent.symbol, order.intent.position_side
            known = made.setdefault(leg, LegProof(*leg))
            made[leg] = replace(known, leftovers=known.leftovers + 1)

    def _returning(self, account: Account) -> Mapping[Leg, int]:
        """How often each leg was set by the venue's word lately."""
        now_ms = self.clock.now_ms()
        recent = self.ledger.corrections(account.id, now_ms - RETURNS_MS, now_ms, limit=1_000)
        counts = Counter((one.symbol, one.side) for one in recent if one.reason.is_unexplained)
        for (symbol, side), times in counts.items():
            if times >= RETURNS:
                self.notifier.alert(
                    AlertLevel.CRITICAL,
                    f"difference_returns#{account.id}#{symbol}#{side}",
                    "the ledger had to be corrected again and again: nothing is opened there until it keeps still",
                    {"symbol": symbol, "side": side.value, "corrections": str(times), "within_ms": str(RETURNS_MS)},
                )
        return counts


def _side_of(news: OrderNews) -> PositionSide:
    """A one-way venue names no side: what its fill would open is where the order is shown."""
    return news.position_side or (PositionSide.LONG if news.side is Side.BUY else PositionSide.SHORT)


def _protected(protection: Protection | None) -> bool | None:
    if protection is None or protection in (Protection.WATCHED_ONLY, Protection.FLAT):
        return None
    return protection is Protection.PROTECTED


def _doubt(leg: LegProof, corrections: int) -> str:
    if not leg.equal:
        return f"the ledger has {plain(leg.ledger_quantity)} and the venue {plain(leg.venue_quantity)}"
    if leg.leftovers:
        return f"{leg.leftovers} orders of ours stand that serve nothing any more"
    if leg.protected is False:
        return "the position is not protected"
    if corrections >= RETURNS:
        return f"its quantity had to be corrected {corrections} times within an hour"
    return ""
