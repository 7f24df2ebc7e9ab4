"""Two functions decide at the same time: every order in which their outside calls can happen, up to a depth."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest
from greenlet import getcurrent, greenlet
from tests.services.world import ACCOUNT, OneVenue, World, new_world

from undertow.desk import Desk, Outside, assemble
from undertow.domain.decision import Outcome
from undertow.domain.market import LiquidationBatch
from undertow.domain.order import Purpose
from undertow.ports import Repositories

DEPTH = 10
"""Of the points at which either could go on, so many are tried both ways; afterwards one goes on to its end."""


@dataclass(frozen=True)
class Stopping:
    """A port each of whose methods lets the other function go first, if the schedule says so."""

    port: Any

    def __getattr__(self, method: str) -> Any:
        found = getattr(self.port, method)
        if not callable(found):
            return found

        def stopping(*args: Any, **kwargs: Any) -> Any:
            hub = getcurrent().parent
            if hub is not None:
                hub.switch()
            return found(*args, **kwargs)

        return stopping


@dataclass(frozen=True)
class StoppingVenue(OneVenue):
    def trading(self, account: Any) -> Any:
        return Stopping(self.venue)


def stopping_desk(world: World) -> Desk:
    kept, known = world.desk.repositories, world.desk
    held: dict[str, Any] = {port.name: Stopping(getattr(kept, port.name)) for port in fields(kept)}
    return assemble(
        Outside(
            repositories=Repositories(**held),
            params=Stopping(known.params),
            venues=StoppingVenue(world.venue),  # type: ignore[arg-type]
            follow_ups=Stopping(world.follow_ups),
            notifier=known.notifier,
            meter=known.meter,
            clock=known.clock,
        )
    )


def schedules(play: Callable[[list[int]], int]) -> Iterator[list[int]]:
    """Play every schedule once. ``play`` takes the first choices, 0 where they end, and says how many there were."""
    chosen: list[int] = []
    while True:
        used = min(play(chosen), DEPTH)
        yield chosen
        chosen = (chosen + [0] * used)[:used]
        while chosen and chosen[-1] == 1:
            chosen.pop()
        if not chosen:
            return
        chosen[-1] = 1


def interleaved(chosen: list[int], *acts: Callable[[], object]) -> int:
    """Run both acts as ``chosen`` says; returns at how many points either could have gone on."""
    running = [greenlet(act) for act in acts]
    points = 0
    while any(not one.dead for one in running):
        living = [one for one in running if not one.dead]
        if len(living) > 1:
            turn = living[chosen[points]] if points < len(chosen) else living[0]
            points += 1
        else:
            (turn,) = living
        turn.switch()
    return points


def of(world: World, number: int) -> LiquidationBatch:
    return world.liquidation_batch(number)


@pytest.mark.parametrize("second", [1, 2], ids=["the same signal", "another signal of the symbol"])
def test_however_two_evaluations_interleave_one_order_is_sent_and_reserved_once(second: int) -> None:
    worlds: list[World] = []

    def play(chosen: list[int]) -> int:
        world = new_world()
        worlds.append(world)
        desk = stopping_desk(world)
        first, other = of(world, 1), of(world, second)
        return interleaved(chosen, lambda: desk.evaluate(first), lambda: desk.evaluate(other))

    tried = 0
    for chosen in schedules(play):
        tried += 1
        world = worlds.pop()
        entries = [order.intent for order in world.venue.submitted if order.intent.purpose is Purpose.ENTRY]
        assert len(entries) == 1, chosen
        totals = world.desk.repositories.ledger.totals(ACCOUNT.id)
        assert (totals.notional, totals.margin) == (entries[0].notional, entries[0].margin), chosen
        assert len(world.slot.entries) == 1, chosen
        decisions = world.store.decisions[ACCOUNT.id].values()
        assert sum(decision.outcome is Outcome.TAKEN for decision in decisions) == 1, chosen
        assert len(decisions) == second, chosen
    assert tried > 400, "the two have really met"


def test_a_pause_pressed_at_any_point_of_an_evaluation_stops_what_was_not_yet_claimed() -> None:
    outcomes = set()

    def play(chosen: list[int]) -> int:
        world = new_world()
        desk, batch = stopping_desk(world), of(world, 1)
        controls = Stopping(world.desk.repositories.controls)

        def pause() -> None:
            known = controls.get(ACCOUNT.id)
            paused = replace(known, switch=type(known.switch).PAUSED, version=known.version + 1)
            claimed_before = bool(world.store.orders[ACCOUNT.id])
            assert controls.set(paused)
            # Between reading and writing another claim may have come in; after the write none may.
            claimed_before = claimed_before or bool(world.store.orders[ACCOUNT.id])
            outcomes_at_pause.append(claimed_before)

        outcomes_at_pause: list[bool] = []
        points = interleaved(chosen, lambda: desk.evaluate(batch), pause)
        sent = bool(world.venue.submitted)
        outcomes.add(sent)
        assert not sent or outcomes_at_pause == [True], chosen
        return points

    assert sum(1 for _ in schedules(play)) > 10
    assert outcomes == {True, False}
