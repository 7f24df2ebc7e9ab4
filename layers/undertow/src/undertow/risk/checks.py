"""The cheap checks of an entry, each on its own: what stands against it, or None."""

from decimal import Decimal

from undertow.domain.account import PositionMode
from undertow.domain.booking import in_use
from undertow.domain.numbers import HUNDRED, ZERO, plain
from undertow.risk.approval import Refusal
from undertow.risk.budget import portfolio_cap
from undertow.risk.case import Case
from undertow.risk.limits import (
    FORCED_PAUSE_MS,
    HARD_MAX_BALANCE_AGE_MS,
    HARD_MAX_LEVERAGE,
    HARD_MAX_ORDER_NOTIONAL,
    HARD_MAX_SIGNAL_AGE_MS,
    MAX_CLOCK_LEAD_MS,
    MAX_DISTANCE_FROM_MARK,
    MAX_INSTRUMENT_AGE_MS,
    MAX_QUOTE_AGE_MS,
    MAX_SILENT_MARK_MS,
)
from undertow.risk.proof import unproven


def switch(case: Case) -> Refusal | None:
    control = case.exposure.snapshot.control
    if control.admits_entries:
        return None
    return Refusal("paused", f"trading is {control.switch.replace('_', ' ')}: {control.reason}", {"by": control.by})


def venue_health(case: Case) -> Refusal | None:
    health = case.exposure.snapshot.health
    if not health.blocks(case.exposure.now_ms):
        return None
    return Refusal(
        "venue_health", f"the venue may not be called: {health.reason}", {"until_ms": str(health.blocked_until_ms)}
    )


def reconciled(case: Case) -> Refusal | None:
    """The ledger was proven to equal the venue not long ago: what an entry is judged by is what there is."""
    return unproven(case.exposure.snapshot.guard, case.intent.symbol, case.exposure.now_ms)


def not_forced_out(case: Case) -> Refusal | None:
    """The venue did not lately liquidate or deleverage a position of the symbol."""
    guard = case.exposure.snapshot.guard
    forced_at_ms = guard.forced.get(case.intent.symbol) if guard is not None else None
    if forced_at_ms is None or case.exposure.now_ms - forced_at_ms >= FORCED_PAUSE_MS:
        return None
    return Refusal(
        "forced_close",
        f"the venue closed a position of {case.intent.symbol} by force",
        {"forced_at_ms": str(forced_at_ms)},
        {"pause_ms": str(FORCED_PAUSE_MS)},
    )


def fresh_signal(case: Case) -> Refusal | None:
    if case.intent.expires_at_ms is None:
        return Refusal("signal_age", "an entry without an expiry is never sent")
    left_ms = case.intent.expires_at_ms - case.exposure.now_ms
    longest_ms = min(case.account_limits.max_signal_age_ms, HARD_MAX_SIGNAL_AGE_MS)
    if 0 <= left_ms <= longest_ms + MAX_CLOCK_LEAD_MS:
        return None
    return Refusal("signal_age", "the signal is too old", {"left_ms": str(left_ms)}, {"max_age_ms": str(longest_ms)})


def instrument_known(case: Case) -> Refusal | None:
    if not case.instrument.is_trading:
        return Refusal("instrument", f"{case.instrument.symbol} is {case.instrument.status}, not TRADING")
    age_ms = case.exposure.now_ms - case.instrument.fetched_at_ms
    if age_ms > MAX_INSTRUMENT_AGE_MS:
        return Refusal(
            "instrument",
            "the symbol's trading rules were not refreshed for a day",
            {"age_ms": str(age_ms)},
            {"max_age_ms": str(MAX_INSTRUMENT_AGE_MS)},
        )
    return None


def fresh_balance(case: Case) -> Refusal | None:
    balance = case.exposure.snapshot.balance
    if balance is None:
        return Refusal("balance", "the account's balance is not known yet")
    age_ms = case.exposure.now_ms - balance.time_ms
    if age_ms > HARD_MAX_BALANCE_AGE_MS:
        return Refusal(
            "balance",
            "the account's balance is too old",
            {"age_ms": str(age_ms)},
            {"max_age_ms": str(HARD_MAX_BALANCE_AGE_MS)},
        )
    if case.intent.margin > balance.available:
        return Refusal(
            "balance",
            "not enough margin is available",
            {"margin": plain(case.intent.margin)},
            {"available": plain(balance.available)},
        )
    return None


def fresh_quote(case: Case) -> Refusal | None:
    age_ms, mark = case.exposure.now_ms - case.exposure.quote_time_ms, case.exposure.mark
    if mark is not None and case.exposure.now_ms - mark.time_ms > MAX_SILENT_MARK_MS:
        return Refusal(
            "quote_age",
            "the mark price has been silent for too long",
            {"age_ms": str(case.exposure.now_ms - mark.time_ms)},
            {"max_age_ms": str(MAX_SILENT_MARK_MS)},
        )
    if -MAX_CLOCK_LEAD_MS <= age_ms <= MAX_QUOTE_AGE_MS:
        return None
    return Refusal(
        "quote_age",
        "the price is too old to trade on, or too far ahead of our clock",
        {"age_ms": str(age_ms)},
        {"max_age_ms": str(MAX_QUOTE_AGE_MS), "max_lead_ms": str(MAX_CLOCK_LEAD_MS)},
    )


def sane_price(case: Case) -> Refusal | None:
    mark = case.exposure.mark
    if mark is None or mark.price <= 0:
        return Refusal("price_band", "no mark price is known to check the order's price against")
    if case.intent.price is None or case.intent.price <= 0:
        return Refusal("price_band", "the order has no positive price", {"price": str(case.intent.price)})
    distance = abs(case.intent.price - mark.price) / mark.price
    if distance <= MAX_DISTANCE_FROM_MARK:
        return _price_filter(case, case.intent.price, mark.price)
    return Refusal(
        "price_band",
        "the order's price is too far from the mark price",
        {"price": plain(case.intent.price), "mark": plain(mark.price), "distance_pct": _percent(distance)},
        {"max_distance_pct": _percent(MAX_DISTANCE_FROM_MARK)},
    )


def _price_filter(case: Case, price: Decimal, mark: Decimal) -> Refusal | None:
    """PRICE_FILTER and PERCENT_PRICE: what the venue would answer with -4013, -4002 or -4016."""
    lowest, highest = case.instrument.price_bounds(case.intent.side, mark)
    if lowest <= price and (highest is None or price <= highest):
        return None
    return Refusal(
        "price_filter",
        "the order's price is outside the venue's bounds",
        {"price": plain(price), "mark": plain(mark)},
        {"lowest": plain(lowest), "highest": "none" if highest is None else plain(highest)},
    )


def size(case: Case) -> Refusal | None:
    quantity = case.intent.quantity or ZERO
    if quantity < case.instrument.min_quantity or quantity <= 0 or case.intent.notional < case.instrument.min_notional:
        return Refusal(
            "minimum_size",
            "the order is smaller than the venue's minimum",
            {"quantity": plain(quantity), "notional": plain(case.intent.notional)},
            {"min_quantity": plain(case.instrument.min_quantity), "min_notional": plain(case.instrument.min_notional)},
        )
    if case.intent.notional > HARD_MAX_ORDER_NOTIONAL:
        return Refusal(
            "hard_cap",
            "the order is larger than any order may be",
            {"notional": plain(case.intent.notional)},
            {"max_notional": plain(HARD_MAX_ORDER_NOTIONAL)},
        )
    return None


def leverage(case: Case) -> Refusal | None:
    highest = min(case.account_limits.max_leverage, HARD_MAX_LEVERAGE)
    if not 1 <= case.intent.leverage <= highest:
        return Refusal(
            "leverage",
            "the leverage is not within its limits",
            {"leverage": str(case.intent.leverage)},
            {"min_leverage": "1", "max_leverage": str(highest)},
        )
    readiness = case.exposure.snapshot.readiness
    if readiness is None or readiness.leverage != case.intent.leverage:
        return Refusal("leverage", "the symbol's leverage at the venue is not verified to be as configured")
    return None


def one_direction(case: Case) -> Refusal | None:
    if case.exposure.position_mode is PositionMode.HEDGE:
        return None
    other = case.exposure.snapshot.slot(case.intent.position_side.opposite)
    if other.position is None and not other.entries:
        return None
    return Refusal("opposite_position", "a one-way account already trades the other direction of this symbol")


def closed_cleanly(case: Case) -> Refusal | None:
    slot = case.exposure.snapshot.slot(case.intent.position_side)
    if slot.position is not None and slot.position.is_external:
        return Refusal("external_position", "the position on this side was opened by somebody else")
    owners = {entry.strategy for entry in slot.entries} | ({slot.position.strategy} if slot.position else set())
    others = sorted(owner for owner in owners if owner is not None and owner != case.intent.strategy)
    if others:
        # One stop holds for the whole side, the owner's: the risk of this entry was reckoned with another one.
        return Refusal("other_strategy", f"the position on this side belongs to strategy {others[0]}")
    return None


def open_orders(case: Case) -> Refusal | None:
    live = len(case.exposure.snapshot.long.entries) + len(case.exposure.snapshot.short.entries)
    if live < case.symbol_limits.max_open_orders:
        return None
    return Refusal(
        "max_open_orders",
        "the symbol has as many entry orders under way as it may have",
        {"open_orders": str(live)},
        {"max_open_orders_per_symbol": str(case.symbol_limits.max_open_orders)},
    )


def position_caps(case: Case) -> Refusal | None:
    slots = (case.exposure.snapshot.long, case.exposure.snapshot.short)
    margin = sum((slot.reserved_margin for slot in slots), ZERO) + case.intent.margin
    notional = sum((slot.reserved_notional for slot in slots), ZERO) + case.intent.notional
    return _cap("max_position_margin", margin, case.symbol_limits.max_position_margin) or _cap(
        "max_position_notional", notional, case.symbol_limits.max_position_notional
    )


def account_caps(case: Case) -> Refusal | None:
    totals = case.exposure.snapshot.totals
    return _cap("max_total_margin", totals.margin + case.intent.margin, case.account_limits.max_total_margin) or _cap(
        "max_total_notional", totals.notional + case.intent.notional, case.account_limits.max_total_notional
    )


def position_count(case: Case) -> Refusal | None:
    """A count cap concerns new symbols only: adding to one that is in use on either side is never blocked by it."""
    snapshot, limit = case.exposure.snapshot, case.account_limits.max_positions
    if (
        limit == 0
        or case.is_later_layer
        or in_use(snapshot.long)
        or in_use(snapshot.short)
        or snapshot.totals.slots < limit
    ):
        return None
    return Refusal(
        "max_positions",
        "the account has as many positions as it may have",
        {"positions": str(snapshot.totals.slots)},
        {"max_positions": str(limit)},
    )


def limits_known(case: Case) -> Refusal | None:
    if case.instrument.brackets:
        return None
    return Refusal("missing_limits", f"the leverage tiers of {case.instrument.symbol} are not known")


def portfolio_risk(case: Case) -> Refusal | None:
    """Blocks new entries only. A later layer of a ladder was reserved with its first: it draws on that and no more."""
    if case.is_later_layer:
        return _own_reserve(case)
    balance = case.exposure.snapshot.balance
    if case.intent.risk <= 0 or balance is None:
        return Refusal("portfolio_risk", "what the entry loses at its stop is not known")
    after = case.exposure.snapshot.totals.risk + max(case.reserve, case.intent.risk)
    cap = portfolio_cap(case.account_limits.risk, balance.equity)
    if after <= cap:
        return None
    return Refusal(
        "portfolio_risk",
        "the risk of the whole book would exceed its limit",
        {"risk_after_order": plain(after), "equity": plain(balance.equity)},
        {"max_risk": plain(cap), "max_portfolio_risk_pct": plain(case.account_limits.risk.max_portfolio_risk_pct)},
    )


def _own_reserve(case: Case) -> Refusal | None:
    layer = case.own_layer
    if layer is None:
        return Refusal(
            "ladder_reserve", "the ladder that the layer belongs to does not stand or has no such free layer"
        )
    if case.intent.risk <= layer.risk:
        return None
    return Refusal(
        "ladder_reserve",
        "the layer would risk more than its ladder reserved for it",
        {"risk": plain(case.intent.risk)},
        {"reserved": plain(layer.risk)},
    )


def _cap(name: str, wanted: Decimal, cap: Decimal) -> Refusal | None:
    if wanted <= cap:
        return None
    words = name.replace("_", " ").replace("max ", "")
    return Refusal(name, f"the cap on {words} would be exceeded", {"after_order": plain(wanted)}, {name: plain(cap)})


def _percent(share: Decimal) -> str:
    # Formatted, not quantized: a price gone mad has more digits than quantizing admits.
    return plain(Decimal(f"{share * HUNDRED:.2f}"))
