"""A perpetual as the engine trades it: the published rules and what the engine itself needs to know."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from undertow.domain.ids import Symbol
from undertow.domain.instrument import Instrument, LeverageBracket

DEFAULT_MAKER_FEE: Final = Decimal("0.0001")
DEFAULT_TAKER_FEE: Final = Decimal("0.00035")


@dataclass(frozen=True, slots=True)
class Contract:
    """``brackets`` ascend by notional. Fees are fractions of the notional; a negative one is a rebate."""

    instrument: Instrument
    brackets: tuple[LeverageBracket, ...]
    maker_fee: Decimal = DEFAULT_MAKER_FEE
    taker_fee: Decimal = DEFAULT_TAKER_FEE

    @property
    def symbol(self) -> Symbol:
        return self.instrument.symbol

    @property
    def max_leverage(self) -> int:
        return self.brackets[0].max_leverage

    def bracket_for(self, notional: Decimal) -> LeverageBracket:
        """The tier that ``notional`` falls into; beyond the last cap the last one."""
        for bracket in self.brackets:
            if notional <= bracket.notional_cap:
                return bracket
        return self.brackets[-1]

    def max_notional(self, leverage: int) -> Decimal:
        """The largest position that may be held at ``leverage``."""
        caps = [bracket.notional_cap for bracket in self.brackets if bracket.max_leverage >= leverage]
        return max(caps, default=Decimal(0))

    def maintenance(self, notional: Decimal) -> Decimal:
        bracket = self.bracket_for(notional)
        return max(Decimal(0), notional * bracket.maintenance_ratio - bracket.cumulative)
