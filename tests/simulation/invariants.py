"""All invariants of one run: safety after every step, liveness once everything has come to rest.

A step costs by what it wrote, not by what there is: the store's tables tell of every write (`journal`), the venue of
every event (`market_truth`). The state as a whole is looked at in every `WHOLE_EVERY`-th step only.

    I1, I9, I11   each claim: exposure at worst prices, the switch, the age of the signal        claims
    I2            totals, reservations, what may still fill is reserved, ladders                 reserves
    I3            one living entry a layer, pauses; one order at the venue under each id         claims, market_truth
    I4, I5        at rest: one stop and one target, none when flat; stop before target, and
                  never cancelled before its successor stands                                    at_rest, believed
    I6            fills and corrections make the position, to the digit of the venue's trades    positions, market_truth
    I7            at rest: ledger and venue are equal leg by leg, order by order                 at_rest
    I8            an exit only ever takes off                                                    market_truth
    I10, I13, I14 rows only come, orders only move on, each version and epoch once               rows, believed
    I12           at the end: every cent                                                         identity
    I15           a decision for each entry and each signal that was dealt with                  claims, decided
    I16           a part of the request weight is left alone; nothing is asked under a ban            rations
    request       what people asked for: once or not at all, as asked, with evidence and audit   wishes
    alert         what people are told of, and what is over; where people are told                   alerted
    history       at the end: what was said of every order, against the venue's true log         history
"""

from typing import Final

from tests.simulation.alarms import Alarms
from tests.simulation.alerted import Alerted
from tests.simulation.at_rest import check_at_rest
from tests.simulation.believed import Believed
from tests.simulation.claims import Claims
from tests.simulation.journal import Journal, Written
from tests.simulation.market_truth import MarketTruth
from tests.simulation.positions import Positions
from tests.simulation.rations import Rations
from tests.simulation.recovery import Recovery
from tests.simulation.reserves import Reserves
from tests.simulation.rows import check_row
from tests.simulation.universe import Universe
from tests.simulation.violation import Violation
from tests.simulation.wishes import Wishes

from undertow.domain.decision import Decision
from undertow.domain.order import Order, Purpose

WHOLE_EVERY: Final = 500
"""Steps between two looks at the whole state."""

__all__ = ["Invariants", "Violation"]


class Invariants:
    """Made before the first write: what the store holds then is taken as it is."""

    def __init__(self, universe: Universe, alarms: Alarms | None = None) -> None:
        self._universe = universe
        self._alerted = Alerted(universe, alarms) if alarms is not None else None
        self._journal = Journal(universe.store)
        self.truth = MarketTruth(universe)
        self.truth.begin()
        self.claims = Claims(universe, self.truth)
        self._reserves = Reserves(universe)
        self._positions = Positions(universe, self.truth)
        self.recovery = Recovery(universe)
        self.believed = Believed(universe, self.truth)
        self.believed.begin()
        self.wishes = Wishes(universe)
        self.rations = Rations(universe)
        self.rations.begin()
        self._trades = 0
        self._steps = 0

    def after_step(self, now_ms: int) -> list[Violation]:
        """What the step broke. Cheap when it wrote nothing."""
        self._steps += 1
        found = self.claims.note_parameters(now_ms)
        moved = len(self.truth.trades) != self._trades
        if self._journal.writes:
            writes = self._journal.taken()
            moved = moved or any(written.table == "slots" for written in writes)
            found += self._writes(writes, now_ms)
        if moved:
            self._trades = len(self.truth.trades)
            self.recovery.look(now_ms)
        if self.truth.found:
            found += self.truth.found
            self.truth.found = []
        if self.believed.found:
            found += self.believed.found
            self.believed.found = []
        if self.rations.found:
            found += self.rations.found
            self.rations.found = []
        if self._steps % WHOLE_EVERY == 0:
            found += self._whole()
        return found

    def at_rest(self, now_ms: int) -> list[Violation]:
        """After faults have stopped and everything under way has ended."""
        found = [*self.after_step(now_ms), *self._whole(), *check_at_rest(self._universe, self.truth)]
        found += self.wishes.at_rest()
        return found if self._alerted is None else [*found, *self._alerted.at_rest()]

    def _writes(self, writes: list[Written], now_ms: int) -> list[Violation]:
        found: list[Violation] = []
        claimed: list[Order] = []
        decisions: list[Decision] = []
        for written in writes:
            found += check_row(written, now_ms)
            if written.after is None:
                continue
            found += self.claims.note(written, now_ms)
            found += self._reserves.note(written)
            found += self.believed.note(written, now_ms)
            found += self._positions.note(written)
            found += self.wishes.note(written)
            if self._alerted is not None:
                found += self._alerted.note(written)
            if written.table == "decisions" and written.before is None:
                decisions.append(written.after)
            elif written.table == "orders" and written.before is None and written.after.intent.purpose is Purpose.ENTRY:
                claimed.append(written.after)
        found += self._reserves.judge()
        found += self._positions.judge()
        for order in claimed:
            found += self.claims.judge(order, decisions, now_ms)
        return found

    def _whole(self) -> list[Violation]:
        """The venue as we followed it is the venue as it is: else nothing above means anything."""
        found: list[Violation] = []
        for account in self._universe.house.exchange.floor.accounts.values():
            for legs in account.positions.values():
                for position in legs.values():
                    followed = self.truth.amounts[account.id, position.symbol, position.leg]
                    if position.amount != followed:
                        what = f"{position.symbol} is {position.amount}, followed as {followed}"
                        found.append(Violation("truth", what))
        return found
