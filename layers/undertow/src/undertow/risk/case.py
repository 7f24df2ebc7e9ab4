"""What a review looks at: one entry, and all that it is reviewed against."""

from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.account import MarginType
from undertow.domain.instrument import Instrument
from undertow.domain.ladder import Ladder, PlannedLayer
from undertow.domain.numbers import ZERO
from undertow.domain.order import OrderIntent
from undertow.domain.position import Slot
from undertow.risk.exposure import Exposure
from undertow.risk.limits import AccountLimits, SymbolLimits


@dataclass(frozen=True, slots=True)
class Case:
    """An entry under review, with all that it is reviewed against.

    ``stop_price`` and ``target_price`` are where its protection will stand, ``margin_type`` how its margin is kept,
    ``min_reward_risk`` what its strategy asks of the two, net of fees (0: any). ``reserve`` is the risk that the entry
    adds to the book, quote units: that of a whole ladder for its first layer, nothing for a later one.
    """

    intent: OrderIntent
    instrument: Instrument
    exposure: Exposure
    account_limits: AccountLimits
    symbol_limits: SymbolLimits
    stop_price: Decimal
    target_price: Decimal
    margin_type: MarginType = MarginType.ISOLATED
    min_reward_risk: Decimal = ZERO
    reserve: Decimal = ZERO

    @property
    def slot(self) -> Slot:
        """The side of the symbol that the entry is for."""
        return self.exposure.snapshot.slot(self.intent.position_side)

    @property
    def is_later_layer(self) -> bool:
        """Whether the entry calls itself a layer of a ladder that stands already: such a layer opens nothing new."""
        return self.intent.ladder is not None and self.intent.layer >= 2

    @property
    def own_layer(self) -> PlannedLayer | None:
        """The layer of the open ladder that the entry draws its risk from; None when there is no such free layer."""
        ladder: Ladder | None = self.slot.ladder
        if ladder is None or ladder.plan.id != self.intent.ladder:
            return None
        number = self.intent.layer
        if ladder.orders.get(number) == self.intent.client_order_id:
            return ladder.plan.layer(number)  # the same layer asked about again
        following = ladder.next_layer
        return following if following is not None and following.number == number else None
