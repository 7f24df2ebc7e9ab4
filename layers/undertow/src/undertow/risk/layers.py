"""The eight layers of the risk gate. Each reads one case, and shows its inputs beside its limits whatever it says.

What cannot be told refuses. Percentages are whole numbers (2 means 2 %).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from undertow.domain.account import Balance
from undertow.domain.decision import LayerReading, Verdict
from undertow.domain.guard import AccountGuard
from undertow.domain.numbers import HUNDRED, ZERO, figure, plain
from undertow.risk.budget import loss_at_stop
from undertow.risk.case import Case
from undertow.risk.limits import (
    HARD_MAX_EFFECTIVE_LEVERAGE,
    HARD_MAX_LEVERAGE,
    HARD_MAX_MARGIN_USAGE_PCT,
    RiskLimits,
)
from undertow.risk.liquidation import bracket_of, maintenance_margin
from undertow.risk.margin import maintenance_usage_pct, usage_pct
from undertow.risk.monitor import check
from undertow.risk.projection import Projection, projected

DANGER_PCT: Final = Decimal(10)
WARNING_PCT: Final = Decimal(20)
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Layer:
    """``why`` is what a refusal by the layer tells people."""

    number: int
    name: str
    why: str
    judge: Callable[[Case], "Judgement"]

    @property
    def gate(self) -> str:
        return f"layer_{self.number}_{self.name}"

    def read(self, case: Case) -> LayerReading:
        judged = self.judge(case)
        return LayerReading(self.number, self.name, judged.verdict, judged.inputs, judged.limits)


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: Verdict
    inputs: Mapping[str, str]
    limits: Mapping[str, str]


def leverage(case: Case) -> Judgement:
    """1: no more than the venue admits for the notional, the account's owner, and the cap in code."""
    intent, held = case.intent, case.slot
    account_max = case.account_limits.max_leverage
    limits = {"account_max": str(account_max), "hard_cap": str(HARD_MAX_LEVERAGE)}
    if not case.instrument.brackets:
        return Judgement(Verdict.REFUSED, {"leverage": str(intent.leverage), "tiers": UNKNOWN}, limits)
    mark = case.exposure.mark
    by_mark = held.position.quantity * mark.price if held.position is not None and mark is not None else ZERO
    notional = max(held.reserved_notional, by_mark) + intent.notional
    tier = bracket_of(notional, case.instrument.brackets)
    limits |= {
        "venue_max": str(tier.max_leverage),
        "largest_notional": plain(case.instrument.brackets[-1].notional_cap),
    }
    highest = min(tier.max_leverage, account_max, HARD_MAX_LEVERAGE)
    fits = 1 <= intent.leverage <= highest and notional <= tier.notional_cap
    inputs = {"leverage": str(intent.leverage), "notional": figure(notional), "tier": str(tier.bracket)}
    return Judgement(_passed(fits), inputs, limits)


def effective_leverage(case: Case) -> Judgement:
    """2: the whole book with the new order against equity, whatever leverage the venue is set to."""
    balance = case.exposure.snapshot.balance
    highest = min(case.account_limits.risk.max_effective_leverage, HARD_MAX_EFFECTIVE_LEVERAGE)
    limits = {"max_effective_leverage": plain(highest)}
    if balance is None:
        return Judgement(Verdict.REFUSED, {"equity": UNKNOWN}, limits)
    notional = case.exposure.snapshot.totals.notional + case.intent.notional
    inputs = {"notional_after_order": figure(notional), "equity": figure(balance.equity)}
    if balance.equity > 0:
        inputs["effective_leverage"] = figure(notional / balance.equity)
    return Judgement(_passed(balance.equity > 0 and notional <= highest * balance.equity), inputs, limits)


def margin_usage(case: Case) -> Judgement:
    """3: maintenance and initial margin after the order, each against equity.

    Under the second layer's limit maintenance alone can hardly get near its threshold; initial margin can.
    """
    limits_of = case.account_limits.risk
    reject = min(limits_of.margin_usage_reject_pct, HARD_MAX_MARGIN_USAGE_PCT)
    limits = {"warn_above_pct": plain(limits_of.margin_usage_warn_pct), "reject_above_pct": plain(reject)}
    balance = case.exposure.snapshot.balance
    if balance is None or balance.maintenance_margin is None or balance.initial_margin is None:
        return Judgement(Verdict.REFUSED, {"margins": UNKNOWN}, limits)
    if not case.instrument.brackets:
        return Judgement(Verdict.REFUSED, {"tiers": UNKNOWN}, limits)
    # The venue's figure is up to two minutes old, the book's own knows of every entry claimed since.
    initial = max(balance.initial_margin, case.exposure.snapshot.totals.margin) + case.intent.margin
    maintenance = balance.maintenance_margin + _more_maintenance(case)
    initial_pct, maintenance_pct = (usage_pct(margin, balance.equity) for margin in (initial, maintenance))
    inputs = {
        "maintenance_usage_pct": figure(maintenance_pct),
        "initial_usage_pct": figure(initial_pct),
        "equity": figure(balance.equity),
    }
    usage = max(initial_pct, maintenance_pct)
    if balance.equity <= 0 or usage > reject:
        return Judgement(Verdict.REFUSED, inputs, limits)
    return Judgement(Verdict.WARNED if usage > limits_of.margin_usage_warn_pct else Verdict.PASSED, inputs, limits)


def _more_maintenance(case: Case) -> Decimal:
    """What the order adds to the maintenance margin: a position that grows into a higher tier pays its rate."""
    before, brackets = case.slot.reserved_notional, case.instrument.brackets
    return maintenance_margin(before + case.intent.notional, brackets) - maintenance_margin(before, brackets)


def liquidation_distance(case: Case) -> Judgement:
    """4: how far the mark price may go against the position, as it will stand, until the venue liquidates it."""
    nearest = case.account_limits.risk.min_liquidation_distance_pct
    limits = {
        "critical_at_pct": plain(nearest),
        "danger_at_pct": plain(DANGER_PCT),
        "warning_at_pct": plain(WARNING_PCT),
    }
    after = projected(case)
    if after is None:
        return Judgement(Verdict.REFUSED, {"liquidation_price": UNKNOWN}, limits)
    inputs = _described(after)
    distance = _distance_pct(after)
    if distance is None:
        return Judgement(Verdict.PASSED, inputs | {"zone": "safe"}, limits)
    inputs["distance_pct"] = figure(distance)
    if distance <= nearest:
        return Judgement(Verdict.REFUSED, inputs | {"zone": "critical"}, limits)
    if distance <= WARNING_PCT:
        zone = "danger" if distance <= DANGER_PCT else "warning"
        return Judgement(Verdict.WARNED, inputs | {"zone": zone}, limits)
    return Judgement(Verdict.PASSED, inputs | {"zone": "safe"}, limits)


def _distance_pct(after: Projection) -> Decimal | None:
    """In percent of the mark price; None where there is no liquidation price. Negative: it is passed already."""
    if after.nearest is None:
        return None
    if after.nearest != after.liquidation:  # a hedged pair, whose other end is the nearer one
        return abs(after.mark - after.nearest) / after.mark * HUNDRED
    return after.leg.side.sign * (after.mark - after.nearest) / after.mark * HUNDRED


def stop_and_target(case: Case) -> Judgement:
    """5: target, entry and stop in their order; what is won against what is lost, net of fees; the stop well before
    liquidation. A target that does not even pay the way in and out is refused whatever ratio the strategy asks for.
    """
    limits_of, sign = case.account_limits.risk, case.intent.position_side.sign
    limits = {"min_reward_risk": plain(case.min_reward_risk), "stop_buffer_pct": plain(limits_of.stop_buffer_pct)}
    entry, stop, target = case.intent.price, case.stop_price, case.target_price
    after = projected(case)
    if entry is None or after is None:
        return Judgement(Verdict.REFUSED, {"entry": UNKNOWN if entry is None else plain(entry)}, limits)
    inputs = {"entry": plain(entry), "stop": figure(stop), "target": figure(target)}
    if not (stop > 0 and sign * (target - entry) > 0 and sign * (entry - stop) > 0):
        return Judgement(Verdict.REFUSED, inputs, limits)
    reward = sign * (target - entry) - (entry + target) * limits_of.taker_fee_pct / HUNDRED
    loss = loss_at_stop(case.intent.position_side, Decimal(1), entry, stop, limits_of)
    inputs["reward_risk"] = figure(reward / loss)
    enough = reward > 0 and reward >= case.min_reward_risk * loss
    buffered = True
    if after.liquidation is not None:
        way = abs(after.leg.entry_price - after.liquidation)
        buffer = sign * (stop - after.liquidation)
        buffered = buffer >= way * limits_of.stop_buffer_pct / HUNDRED
        inputs |= {"liquidation_price": figure(after.liquidation)}
        inputs |= {"stop_buffer_pct": figure(buffer / way * HUNDRED)} if way else {}
    return Judgement(_passed(enough and buffered), inputs, limits)


def allowed_symbols(case: Case) -> Judgement:
    """6: exact names only. An empty list admits nothing; no list admits what the strategies name."""
    allowed, symbol = case.account_limits.risk.allowed_symbols, case.intent.symbol
    if allowed is None:
        return Judgement(Verdict.PASSED, {"symbol": symbol}, {"allowed_symbols": "those of the strategies"})
    return Judgement(_passed(symbol in allowed), {"symbol": symbol}, {"allowed_symbols": " ".join(sorted(allowed))})


def confidence(case: Case) -> Judgement:
    """7: where a model proposed the entry. 0 and 1 are refused as they may be meant on a scale that ends at 1."""
    lowest, value = case.account_limits.risk.min_confidence, case.intent.confidence
    limits = {"min_confidence": str(lowest), "max_confidence": "100"}
    if value is None:
        return Judgement(Verdict.NOT_APPLICABLE, {"confidence": "none"}, limits)
    return Judgement(_passed(1 < value <= 100 and value >= lowest), {"confidence": str(value)}, limits)


def live_monitor(case: Case) -> Judgement:
    """8: what the account's monitor holds against new entries, and what it would find if it looked now."""
    snapshot, risk, now_ms = case.exposure.snapshot, case.account_limits.risk, case.exposure.now_ms
    limits = _monitor_limits(risk)
    balance = snapshot.balance
    usage = maintenance_usage_pct(balance) if balance is not None else None
    if balance is None or usage is None:
        return Judgement(Verdict.REFUSED, {"margin_usage_pct": UNKNOWN}, limits)
    guard = snapshot.guard if snapshot.guard is not None else AccountGuard(case.intent.account)
    found = _blocks(guard, balance, risk, now_ms)
    inputs = {"margin_usage_pct": figure(usage), "equity": figure(balance.equity), "blocks": " ".join(found) or "none"}
    return Judgement(_passed(not found), inputs, limits)


def _blocks(guard: AccountGuard, balance: Balance, risk: RiskLimits, now_ms: int) -> list[str]:
    """A block of the monitor's stands until the monitor itself has cleared it."""
    seen = check(guard, balance, risk, now_ms).blocks
    return sorted({kind.value for kind in (*guard.blocks, *seen)})


def _monitor_limits(risk: RiskLimits) -> dict[str, str]:
    return {
        "pause_at_pct": plain(risk.margin_pause_pct),
        "emergency_at_pct": plain(risk.emergency_reduce_pct),
        "max_daily_loss_pct": "off" if risk.max_daily_loss_pct is None else plain(risk.max_daily_loss_pct),
        "max_drawdown_pct": "off" if risk.max_drawdown_pct is None else plain(risk.max_drawdown_pct),
    }


def _described(after: Projection) -> dict[str, str]:
    return {
        "liquidation_price": "none" if after.nearest is None else figure(after.nearest),
        "mark": plain(after.mark),
        "quantity_after_order": figure(after.leg.quantity),
        "average_after_order": figure(after.leg.entry_price),
    }


def _passed(fits: bool) -> Verdict:
    return Verdict.PASSED if fits else Verdict.REFUSED


LAYERS: Final = (
    # Margin usage first: under the second layer's limit it could hardly ever be the one that speaks.
    Layer(3, "margin_usage", "too much of the equity would be tied up as margin", margin_usage),
    Layer(1, "leverage", "the leverage or the size is more than the venue or the limits admit", leverage),
    Layer(2, "effective_leverage", "the whole book would be too large for the equity", effective_leverage),
    Layer(4, "liquidation_distance", "the position would stand too near its liquidation", liquidation_distance),
    Layer(5, "stop_and_target", "stop and target do not make sense for this entry", stop_and_target),
    Layer(6, "allowed_symbols", "the symbol is not on the list of those that may be traded", allowed_symbols),
    Layer(7, "confidence", "the confidence of the proposal is too low or not on a scale to 100", confidence),
    Layer(8, "live_monitor", "the account's monitor admits no new entries now", live_monitor),
)
"""In the order in which they speak; records show them by number."""
