"""The market of one symbol, beat by beat.

At every beat the book moves, one public trade happens at the bid or at the ask, and the symbol's counter grows by one:
the counter is the book's update id and the trade's id. Beats stand on a grid of wall time, and at every print of the
tape. Each beat follows from the seed and its own time, so that any moment can be asked for without the ones before.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from local.venue.chance import bits, normal, seed_of, uniform
from local.venue.path import PricePath
from local.venue.ports import Print, Quote
from local.venue.tape import TapeFrame, Timing

from undertow.adapters.paper.contract import Contract
from undertow.domain.numbers import ceil_to, floor_to

BEAT_MS: Final = 250
_HALF_MINUTE_MS: Final = 30_000
_MARK_LAGS_MS: Final = (0, 5_000, 15_000)
"""The mark is the mean of the price now and this long before (tape time): it lags behind a cascade, as marks do."""
_EIGHT_PLACES: Final = Decimal("0.00000001")
_TRADE_NOTIONAL: Final = 400.0
_BEST_NOTIONAL: Final = 6_000.0


@dataclass(frozen=True, slots=True)
class Moment:
    """When a beat is; ``taped`` is the print of the tape that caused it, if one did."""

    number: int
    time_ms: int
    taped: TapeFrame | None


@dataclass(frozen=True, slots=True)
class Beat:
    number: int
    quote: Quote
    trade: Print


class SymbolMarket:
    """``frames`` are the tape's frames of this symbol, by trade time."""

    def __init__(
        self,
        contract: Contract,
        path: PricePath,
        frames: Sequence[TapeFrame],
        timing: Timing,
        seed: int,
        beat_ms: int = BEAT_MS,
    ) -> None:
        self.contract = contract
        self.path = path
        self._frames = frames
        self._printed_at = [timing.wall(frame.trade_ms) for frame in frames]
        self._timing = timing
        self._beat_ms = beat_ms
        self._seed = seed_of("beats", seed, contract.symbol)
        # Symbols beat one after another, not all in the same millisecond.
        self._phase = self._seed % beat_ms
        self._tick = contract.instrument.tick_size
        self._tick_float = float(self._tick)
        self._last_beat: Beat | None = None
        self._mark: tuple[int, Decimal, Decimal] = (-1, Decimal(0), Decimal(0))

    # --- moments ----------------------------------------------------------------------------------------------------

    def number_at(self, now_ms: int) -> int:
        """How many beats there were until ``now_ms``, which is the number of the latest."""
        return self._grid(now_ms) + bisect_right(self._printed_at, now_ms)

    def moment_at(self, now_ms: int) -> Moment:
        """The latest beat not after ``now_ms``. Of a print and a grid beat in one millisecond the print is later."""
        grid = self._grid(now_ms)
        printed = bisect_right(self._printed_at, now_ms)
        grid_ms = self._phase + grid * self._beat_ms
        if printed and self._printed_at[printed - 1] >= grid_ms:
            return Moment(grid + printed, self._printed_at[printed - 1], self._frames[printed - 1])
        return Moment(grid + printed, grid_ms, None)

    def moments(self, after_ms: int, upto_ms: int) -> Iterator[Moment]:
        """Beats later than ``after_ms`` and not later than ``upto_ms``, in order."""
        grid, printed = self._grid(after_ms) + 1, bisect_right(self._printed_at, after_ms)
        while True:
            grid_ms = self._phase + grid * self._beat_ms
            printed_ms = self._printed_at[printed] if printed < len(self._printed_at) else math.inf
            if min(grid_ms, printed_ms) > upto_ms:
                return
            if grid_ms <= printed_ms:
                yield Moment(grid + printed, grid_ms, None)
                grid += 1
            else:
                printed += 1
                yield Moment(grid + printed - 1, self._printed_at[printed - 1], self._frames[printed - 1])

    def printed_between(self, from_ms: int, to_ms: int) -> Iterator[Moment]:
        """The beats that prints of the tape caused, both ends included."""
        first, last = bisect_right(self._printed_at, from_ms - 1), bisect_right(self._printed_at, to_ms)
        for printed in range(first, last):
            time_ms = self._printed_at[printed]
            yield Moment(self._grid(time_ms) + printed + 1, time_ms, self._frames[printed])

    def _grid(self, now_ms: int) -> int:
        return (now_ms - self._phase) // self._beat_ms

    # --- what stands at a moment ------------------------------------------------------------------------------------

    def beat_at(self, now_ms: int) -> Beat:
        return self.beat(self.moment_at(now_ms))

    def beat(self, moment: Moment) -> Beat:
        known = self._last_beat
        if known is None or known.number != moment.number:
            known = self._last_beat = self._computed(moment)
        return known

    def last_at(self, moment: Moment) -> Decimal:
        """The last price: exactly the print's where a print caused the beat, else the path's on the tick grid."""
        if moment.taped is not None:
            return moment.taped.price
        return self._on_grid(self._timing.tape(moment.time_ms))

    def quantity_at(self, moment: Moment, last: Decimal) -> Decimal:
        """What traded at a beat, whose price was ``last``."""
        if moment.taped is not None:
            return moment.taped.quantity
        lognormal = math.exp(1.2 * normal(self._seed ^ 1, moment.number))
        return self._lots(_TRADE_NOTIONAL * lognormal, last)

    def trade_at(self, moment: Moment) -> Print:
        """The public trade of a beat, without the book around it."""
        last = self.last_at(moment)
        return Print(moment.number, last, self.quantity_at(moment, last), moment.time_ms, self.seller_takes(moment))

    def seller_takes(self, moment: Moment) -> bool:
        if moment.taped is not None:
            return bool(moment.taped.order["S"] == "SELL")
        return bits(self._seed ^ 2, moment.number) & 1 == 1

    def mark_and_index(self, now_ms: int) -> tuple[Decimal, Decimal]:
        """They move once a second."""
        second = now_ms // 1_000
        if self._mark[0] != second:
            tape_ms = self._timing.tape(second * 1_000)
            mark = sum(self.path.at(tape_ms - lag) for lag in _MARK_LAGS_MS) / len(_MARK_LAGS_MS)
            self._mark = (second, _eight_places(mark), _eight_places(mark * (1 - self._premium(second))))
        return self._mark[1], self._mark[2]

    def _computed(self, moment: Moment) -> Beat:
        last, sells = self.last_at(moment), self.seller_takes(moment)
        spread = self._tick * self._spread_ticks(last, moment.number)
        if sells:
            bid = floor_to(last, self._tick)
            ask = bid + max(spread, ceil_to(last - bid, self._tick))
        else:
            ask = ceil_to(last, self._tick)
            bid = max(self._tick, ask - max(spread, ceil_to(ask - last, self._tick)))
        mark, index = self.mark_and_index(moment.time_ms)
        quote = Quote(
            bid=bid,
            bid_quantity=self._lots(self._standing(moment.number * 2), bid),
            ask=ask,
            ask_quantity=self._lots(self._standing(moment.number * 2 + 1), ask),
            last=last,
            mark=mark,
            index=index,
            time_ms=moment.time_ms,
        )
        trade = Print(moment.number, last, self.quantity_at(moment, last), moment.time_ms, sells)
        return Beat(moment.number, quote, trade)

    def _spread_ticks(self, last: Decimal, number: int) -> int:
        """Half to one and a half basis points, at least a tick."""
        share = 0.00005 + 0.0001 * uniform(self._seed ^ 3, number)
        return max(1, int(float(last) * share / self._tick_float))

    def _standing(self, number: int) -> float:
        """Notional at the best price."""
        return _BEST_NOTIONAL * math.exp(0.6 * normal(self._seed ^ 4, number))

    def _lots(self, notional: float, price: Decimal) -> Decimal:
        lot = self.contract.instrument.lot_size
        return max(lot, floor_to(Decimal(round(notional)) / price, lot))

    def _on_grid(self, tape_ms: float) -> Decimal:
        price = Decimal(max(1, round(self.path.at(tape_ms) / self._tick_float))) * self._tick
        bounds = self.path.bounds(tape_ms)
        return price if bounds is None else min(max(price, bounds[0]), bounds[1])

    def _premium(self, second: int) -> float:
        """How far mark stands above index: within some basis points, slowly changing."""
        place, share = divmod(second, _HALF_MINUTE_MS // 1_000)
        before, after = normal(self._seed ^ 5, place), normal(self._seed ^ 5, place + 1)
        return 0.0001 * (before + (after - before) * share * 1_000 / _HALF_MINUTE_MS)


def _eight_places(price: float) -> Decimal:
    return Decimal(price).quantize(_EIGHT_PLACES)
