"""A flatten closes what is open even when something about it cannot be read."""

from dataclasses import replace

import pytest
from tests.services.test_looked_after import FullQueue
from tests.services.test_one_trouble_at_a_time import Everywhere, desk_at
from tests.services.test_reconcile import leg
from tests.services.world import ACCOUNT, FakeVenue, World
from tests.unit.builders import BTC, d

from undertow.domain.account import Switch
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.order import Order, Purpose
from undertow.domain.outcome import SubmitOutcome, Unconfirmed, VenueReadFailed
from undertow.ports import NotScheduled, StoreBusy
from undertow.risk.approval import ApprovedOrder


class NoTrades(FakeVenue):
    """Orders can be asked about, the history of trades cannot be read."""

    def fetch_fills(self, symbol: Symbol, since_ms: int) -> list[Fill]:
        raise VenueReadFailed("time-out")


def test_a_flatten_closes_a_position_whose_stop_cannot_be_made_out(world: World) -> None:
    entry = world.entered()
    event = world.venue.fill(entry, d("0.009"), d("100001"))

    def taken_and_partly_filled(order: ApprovedOrder) -> SubmitOutcome:
        world.venue.take(order)
        world.venue.fill(order.intent.client_order_id, d("0.001"), d("99000"))
        return Unconfirmed("503")

    world.venue.answers = [taken_and_partly_filled]
    world.desk.track(ACCOUNT, event)
    deaf = NoTrades(world.clock, world.venue.submitted, world.venue.standing, world.venue.ended)
    world.switch(Switch.FLATTEN)
    world.clock.advance(5_000)
    with pytest.raises(VenueReadFailed):
        desk_at(world, Everywhere(deaf)).manage(ACCOUNT)
    exits = [order.intent for order in deaf.submitted if order.intent.purpose is Purpose.EXIT]
    assert [order.quantity for order in exits] == [d("0.009")]


class NoLists:
    """Orders that cannot be listed for now."""

    def unfinished(self, account: AccountId) -> list[Order]:
        raise StoreBusy("the tables did not answer")


@pytest.mark.parametrize("switch", [Switch.RUNNING, Switch.FLATTEN])
def test_orders_that_cannot_be_listed_keep_neither_a_flatten_nor_the_look_at_the_margin_waiting(
    world: World, switch: Switch
) -> None:
    world.holding()
    world.desk.repositories.balances.save(world.venue.fetch_balance())
    world.switch(switch)
    with pytest.raises(StoreBusy):
        replace(world.desk.manage, orders=NoLists())(ACCOUNT)
    assert world.desk.repositories.guards.get(ACCOUNT.id).checked_at_ms == world.clock.now_ms()
    exits = [order for order in world.venue.submitted if order.intent.purpose is Purpose.EXIT]
    assert len(exits) == (switch is Switch.FLATTEN)


def test_an_exit_that_the_venue_knows_no_more_is_followed_by_another_one(world: World) -> None:
    """It had been taken, then it was lost there: on record it stood for good, and nothing else was ever sent."""
    world.holding()
    world.venue.positions = [leg("0.009")]
    world.switch(Switch.FLATTEN)
    world.desk.manage(ACCOUNT)
    (lost,) = world.venue.of_purpose("x")
    del world.venue.standing[lost.client_order_id]
    world.clock.advance(60_000)
    world.desk.reconcile(ACCOUNT)
    world.desk.manage(ACCOUNT)
    (leaving,) = world.venue.of_purpose("x")
    assert leaving.client_order_id != lost.client_order_id
    assert leaving.quantity == world.position.quantity


def test_a_piece_without_an_answer_that_cannot_be_put_off_keeps_no_other_piece_waiting(world: World) -> None:
    world.holding()
    known = world.desk.repositories.instruments.get(ACCOUNT.venue, BTC)
    assert known is not None
    world.desk.repositories.instruments.save([replace(known, market_max_quantity=d("0.003"))])
    world.venue.answers = [lambda _order: Unconfirmed("no answer")]
    close = world.desk.manage.close
    with pytest.raises(NotScheduled):
        replace(close, place=replace(close.place, follow_ups=FullQueue()))(ACCOUNT, world.position, "a test")
    exits = [order.intent.quantity for order in world.venue.submitted if order.intent.purpose is Purpose.EXIT]
    assert exits == [d("0.003")] * 3
