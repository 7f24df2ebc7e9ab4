"""Settings that every strategy on liquidations has for a symbol, whatever makes it act."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import Field

from undertow.adapters.ssm.documents import MOST_USDT, Strict
from undertow.adapters.ssm.fields import REQUIRED, Exact, above_zero, between, from_zero, one_of, whole, yes_no
from undertow.domain.account import Account, MarginType, PositionMode
from undertow.domain.ids import AccountId, StrategyId, Symbol
from undertow.domain.numbers import HUNDRED, plain
from undertow.domain.order import WorkingType
from undertow.risk.limits import HARD_MAX_LEVERAGE, AccountLimits, SymbolLimits
from undertow.risk.protection import Trailing
from undertow.strategies.signal import Direction, OppositePolicy, TradeSide

TimeInForceName = Literal["GTC", "IOC", "FOK", "GTX"]
TIMES_IN_FORCE: Final = ("GTC", "IOC", "FOK", "GTX")


@dataclass(frozen=True, slots=True)
class Header:
    """Who the strategy is and what holds for all of its symbols. ``simulate`` is the stage's own switch."""

    id: StrategyId
    account: AccountId
    enabled: bool
    version: str
    simulate: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """Settings that are admissible one by one and not together. ``fields`` are all that have a part in it."""

    field: str
    value: Decimal | bool
    allowed: str
    fields: frozenset[str]


class EntrySettings(Strict):
    """The part that strategies have in common."""

    enabled: bool = yes_no(True, "Whether the symbol may be traded. Off: it is still measured and decisions say so.")
    simulate_only: bool = yes_no(False, "Decide and record, send nothing to the venue.")
    direction: Annotated[Direction, Field(strict=False)] = one_of(
        Direction.FADE, Direction, "fade trades against liquidations (longs liquidated: buy), follow with them."
    )
    trade_side: Annotated[TradeSide, Field(strict=False)] = one_of(
        TradeSide.BOTH, TradeSide, "Which positions may be opened."
    )
    opposite_signal: Annotated[OppositePolicy, Field(strict=False)] = one_of(
        OppositePolicy.HEDGE,
        OppositePolicy,
        "What a signal against an open position of the symbol does: ignore it, hedge the position, or reduce it.",
    )
    leverage: int = whole(
        REQUIRED, 1, HARD_MAX_LEVERAGE, "x", "Leverage set at the venue; notional is margin times this."
    )
    margin_type: Annotated[MarginType, Field(strict=False)] = one_of(
        MarginType.ISOLATED, MarginType, "Margin type set at the venue before the first entry."
    )
    max_position_margin_usdt: Exact = above_zero(
        REQUIRED, MOST_USDT, "USDT margin", "Cap on the margin of the symbol, both sides and open entries together."
    )
    max_position_notional_usdt: Exact = above_zero(
        REQUIRED, MOST_USDT, "USDT notional", "Cap on the notional of the symbol, both sides and open entries together."
    )
    max_open_orders_per_symbol: int = whole(5, 1, 200, "orders", "Entry orders under way at once, both sides together.")
    price_offset_pct: Exact = from_zero(
        Decimal("0.1"), "10", "%", "Distance of the entry from the mark price, used only when the book cannot be read."
    )
    time_in_force: TimeInForceName = one_of(
        "GTC", TIMES_IN_FORCE, "How long the venue keeps the entry: GTX is post-only, IOC and FOK never rest."
    )
    order_ttl_seconds: int = whole(30, 1, 900, "s", "The unfilled rest of an entry is cancelled after this time.")
    working_type: Annotated[WorkingType, Field(strict=False)] = one_of(
        WorkingType.CONTRACT_PRICE, WorkingType, "The price that triggers stop and target: last trade or mark."
    )
    price_protect: bool = yes_no(False, "The venue's guard against triggering when last and mark price are far apart.")
    break_even_at_pct: Exact = between(
        Decimal(50), "1", "99", "% of the way to the target", "Where a trailing stop first goes to entry plus fees."
    )
    trailing_distance_pct: Exact = above_zero(
        Decimal(1), "50", "% of best price", "How far behind the best mark price the stop follows from then on."
    )


def symbol_limits(settings: EntrySettings) -> SymbolLimits:
    return SymbolLimits(
        max_position_margin=settings.max_position_margin_usdt,
        max_position_notional=settings.max_position_notional_usdt,
        max_open_orders=settings.max_open_orders_per_symbol,
    )


def trailing(settings: EntrySettings, wanted: bool) -> Trailing | None:
    return Trailing(settings.break_even_at_pct, settings.trailing_distance_pct) if wanted else None


def round_trip_cost_pct(limits: AccountLimits) -> Decimal:
    return 2 * limits.risk.taker_fee_pct


def doubts(symbol: Symbol, settings: EntrySettings, account: Account, limits: AccountLimits) -> Iterator[str]:
    """What of the account is at odds with the settings, so that entries will be refused."""
    if settings.leverage > limits.max_leverage:
        yield (
            f"leverage {settings.leverage} is above the account's max_leverage {limits.max_leverage}: "
            "every entry will be refused"
        )
    if account.multi_assets and settings.margin_type is MarginType.ISOLATED:
        yield "the account is in multi-assets mode, which admits cross margin only"
    if account.position_mode is PositionMode.ONE_WAY and settings.opposite_signal is OppositePolicy.HEDGE:
        yield "opposite_signal is hedge, but the account holds one side of a symbol only: such signals will be refused"
    if limits.risk.allowed_symbols is not None and symbol not in limits.risk.allowed_symbols:
        yield "it is not among the account's allowed_symbols: every entry will be refused"


def stop_doubt(farthest_stop_pct: Decimal, leverage: int) -> Iterator[str]:
    if farthest_stop_pct * leverage >= HUNDRED:
        yield (
            f"a stop at {plain(farthest_stop_pct)} % with leverage {leverage} lies beyond the price at which the venue "
            "liquidates"
        )


def reward_doubt(target_pct: Decimal, stop_pct: Decimal, wanted: Decimal, limits: AccountLimits) -> Iterator[str]:
    """As the gate will reckon it: fees off the target; fees and the stop's slippage on top of the stop."""
    cost_pct = round_trip_cost_pct(limits)
    ratio = (target_pct - cost_pct) / (stop_pct + cost_pct + limits.risk.stop_slippage_pct)
    if 0 < ratio < wanted:
        yield (
            f"a target at {plain(target_pct)} % promises {plain(ratio.quantize(Decimal('0.01')))} for each unit that a "
            f"stop at {plain(stop_pct)} % risks, net of fees, less than min_reward_risk {plain(wanted)}: such an entry "
            "will be refused"
        )


def target_doubt(nearest_target_pct: Decimal, limits: AccountLimits) -> Iterator[str]:
    cost_pct = round_trip_cost_pct(limits)
    if nearest_target_pct <= cost_pct:
        yield (
            f"a target at {plain(nearest_target_pct)} % does not earn the fees of {plain(cost_pct)} %: such an entry "
            "will be refused"
        )
