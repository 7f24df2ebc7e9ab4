"""Hold our liquidation prices against the venue's own: where they differ, the distance that the gate keeps is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.account import Account, Balance, MarginType, VenuePosition
from undertow.domain.instrument import LeverageBracket
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO, plain
from undertow.ports import AlertLevel, Instruments, Meter, Notifier
from undertow.risk.liquidation import (
    ALERT_PCT,
    Leg,
    cross_liquidation_price,
    disagrees,
    hedge_liquidation_prices,
    isolated_liquidation_price,
    maintenance_margin,
)

Brackets = tuple[LeverageBracket, ...]


@dataclass(frozen=True, slots=True)
class CheckLiquidationPrices:
    instruments: Instruments
    notifier: Notifier
    meter: Meter

    def __call__(self, account: Account, positions: Sequence[VenuePosition], balance: Balance) -> int:
        """How many positions differ by more than ``ALERT_PCT``; each is alerted.

        Left out is what cannot be computed: positions that the venue names no price for, symbols whose tiers are not
        known, and cross positions of a multi-assets account, whose margin lies in assets that we do not value.
        """
        apart = 0
        for position in positions:
            if position.liquidation_price is None or position.quantity <= 0 or position.entry_price <= 0:
                continue
            ours = self._ours(account, position, positions, balance)
            if ours and all(disagrees(price, position.liquidation_price) for price in ours):
                apart += 1
                self._alert(account, position, min(ours, key=lambda price: abs(price - position.mark_price)))
        self.meter.count("liquidation_prices_apart", apart)
        return apart

    def _ours(
        self, account: Account, position: VenuePosition, positions: Sequence[VenuePosition], balance: Balance
    ) -> tuple[Decimal, ...]:
        """Empty: not to be told, or at no price. A hedged pair can have two, and the venue names one of them."""
        brackets = self._brackets(account, position)
        if not brackets:
            return ()
        if position.margin_type is MarginType.ISOLATED:
            if position.isolated_wallet is None:
                return ()
            found = isolated_liquidation_price(
                position.side, position.quantity, position.entry_price, position.isolated_wallet, brackets
            )
            return () if found is None else (found,)
        return self._cross(account, position, positions, balance, brackets)

    def _cross(
        self,
        account: Account,
        position: VenuePosition,
        positions: Sequence[VenuePosition],
        balance: Balance,
        brackets: Brackets,
    ) -> tuple[Decimal, ...]:
        wallet = _shared_wallet(balance, positions)
        others = [one for one in positions if one.margin_type is MarginType.CROSS and one.symbol != position.symbol]
        tiers = [self._brackets(account, other) for other in others]
        if account.multi_assets or wallet is None or not all(tiers):
            return ()
        maintenance = sum(
            (
                maintenance_margin(other.quantity * other.mark_price, its)
                for other, its in zip(others, tiers, strict=True)
            ),
            ZERO,
        )
        unrealized = sum((other.unrealized for other in others), ZERO)
        pair = [one for one in positions if one.symbol == position.symbol and one.side is not position.side]
        if pair:
            legs = {one.side: Leg(one.side, one.quantity, one.entry_price) for one in (position, *pair)}
            long, short = legs[PositionSide.LONG], legs[PositionSide.SHORT]
            return hedge_liquidation_prices(long, short, wallet, brackets, maintenance, unrealized)
        found = cross_liquidation_price(
            position.side, position.quantity, position.entry_price, wallet, brackets, maintenance, unrealized
        )
        return () if found is None else (found,)

    def _brackets(self, account: Account, position: VenuePosition) -> Brackets:
        instrument = self.instruments.get(account.venue, position.symbol)
        return instrument.brackets if instrument is not None else ()

    def _alert(self, account: Account, position: VenuePosition, ours: Decimal) -> None:
        self.notifier.alert(
            AlertLevel.HIGH,
            f"liquidation_price#{account.id}#{position.symbol}#{position.side}",
            "our liquidation price and the venue's are apart",
            {
                "symbol": position.symbol,
                "side": position.side.value,
                "ours": plain(ours),
                "venue": plain(position.liquidation_price or ZERO),
                "alert_pct": plain(ALERT_PCT),
            },
        )


def _shared_wallet(balance: Balance, positions: Sequence[VenuePosition]) -> Decimal | None:
    """The wallet without what is locked in isolated positions; None when that is not known."""
    locked = [one.isolated_wallet for one in positions if one.margin_type is MarginType.ISOLATED]
    known = [amount for amount in locked if amount is not None]
    return balance.wallet - sum(known, ZERO) if len(known) == len(locked) else None
