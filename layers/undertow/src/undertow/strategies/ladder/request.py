"""What a ladder is planned from, and what follows from it at once: percentages, costs, the first stop."""

from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.ids import AccountId, LiquidationId, StrategyId, Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import PositionSide
from undertow.domain.numbers import HUNDRED, ZERO
from undertow.risk.limits import HARD_MAX_GROWTH, HARD_MAX_LAYERS, RiskLimits
from undertow.risk.protection import on_the_loss_side
from undertow.strategies.ladder.params import LadderParams


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What a ladder is planned from. ``signal_price`` is the limit price of layer 1; ``base`` what sizes are computed
    from, in quote units: the smaller of equity and available margin. ``spread_pct`` and ``funding_pct`` are costs that
    the target has to earn, in percent of the price.
    """

    side: PositionSide
    signal_price: Decimal
    atr_pct: Decimal
    params: LadderParams
    instrument: Instrument
    base: Decimal
    limits: RiskLimits
    account: AccountId
    strategy: StrategyId
    symbol: Symbol
    cause: LiquidationId
    now_ms: int
    params_version: str
    spread_pct: Decimal = ZERO
    funding_pct: Decimal = ZERO

    @property
    def stop_loss_pct(self) -> Decimal:
        protection = self.params.protection
        adaptive = protection.adaptive
        if adaptive is None:
            return protection.stop_loss_pct
        return min(max(adaptive.stop_atr * self.atr_pct, adaptive.stop_min_pct), adaptive.stop_max_pct)

    @property
    def take_profit_pct(self) -> Decimal:
        protection = self.params.protection
        adaptive = protection.adaptive
        if adaptive is None:
            return protection.take_profit_pct
        return min(max(adaptive.target_atr * self.atr_pct, adaptive.target_min_pct), adaptive.target_max_pct)

    @property
    def growth(self) -> Decimal:
        return min(self.params.shape.growth, HARD_MAX_GROWTH)

    @property
    def most_layers(self) -> int:
        return min(self.params.shape.max_layers, HARD_MAX_LAYERS)

    @property
    def costs_pct(self) -> Decimal:
        """What a round trip costs, in percent of the price."""
        return 2 * self.limits.taker_fee_pct + self.spread_pct + self.funding_pct

    @property
    def first_stop(self) -> Decimal:
        """The stop of a position that was filled at the signal: with the SIGNAL anchor it stays that of the ladder."""
        return self.stop_from(self.signal_price)

    def stop_from(self, price: Decimal) -> Decimal:
        """The stop that belongs to an entry at ``price``, on the tick grid, rounded away from the market."""
        exact = price * (1 - self.side.sign * self.stop_loss_pct / HUNDRED)
        return on_the_loss_side(exact, self.side, self.instrument)
