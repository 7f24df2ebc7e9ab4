"""Orders that the venue had accepted and then knows no more: kept while they may live, and ended at last."""

from dataclasses import replace
from typing import Any

import pytest
from tests.services.test_reconcile import leg
from tests.services.world import ACCOUNT, World
from tests.unit.builders import d

from undertow.domain.ids import AccountId, ClientOrderId
from undertow.domain.order import Order, OrderNews, OrderState
from undertow.ports import Orders
from undertow.services.resolve_unconfirmed import LOST_RELEASE_AFTER_MS

MINUTE_MS = 60_000
KEPT_MINUTES = LOST_RELEASE_AFTER_MS // MINUTE_MS
FORGOTTEN = "the venue no longer knows the order"


def vanished(world: World, order: ClientOrderId) -> OrderNews:
    """The venue has lost it: it is on no list, no query finds it, and no event told of its end."""
    return world.venue.standing.pop(order)


def passes(world: World, number: int) -> None:
    for _ in range(number):
        world.clock.advance(MINUTE_MS)
        world.desk.reconcile(ACCOUNT)


def test_an_entry_that_vanished_keeps_what_it_reserved_for_as_long_as_a_venue_may_forget_it(world: World) -> None:
    entry = world.entered()
    vanished(world, entry)
    passes(world, KEPT_MINUTES)
    assert world.order(entry).state is OrderState.OPEN
    assert entry in world.slot.reserved
    assert f"order_unknown#{entry}" in world.alerts


def test_an_entry_that_stays_away_longer_has_ended_and_gives_it_back(world: World) -> None:
    entry = world.entered()
    vanished(world, entry)
    passes(world, KEPT_MINUTES + 1)
    ended = world.order(entry)
    assert (ended.state, ended.reason) == (OrderState.CANCELED, FORGOTTEN)
    assert world.slot.reserved == {}
    assert f"order_unknown#{entry}" in [key for key, _ in world.notifier.ended]
    asked = len(world.venue.questions)
    passes(world, 1)
    assert len(world.venue.questions) == asked


def test_an_entry_that_turns_up_in_time_is_cancelled_there_because_its_time_is_up(world: World) -> None:
    entry = world.entered()
    news = vanished(world, entry)
    passes(world, KEPT_MINUTES)
    world.venue.standing[entry] = news
    passes(world, 1)
    assert world.venue.canceled == [entry]
    assert world.order(entry).reason != FORGOTTEN


def test_one_pass_after_a_long_silence_is_not_enough(world: World) -> None:
    """Nobody asked for an hour: that the order was missing before is known of one moment only."""
    entry = world.entered()
    vanished(world, entry)
    passes(world, 1)
    world.clock.advance(60 * MINUTE_MS)
    world.desk.reconcile(ACCOUNT)
    assert world.order(entry).state is OrderState.OPEN


def test_what_it_filled_unheard_is_booked_and_protected_before_its_end(world: World) -> None:
    entry = world.entered()
    world.venue.fill(entry, d("0.004"), d("100000"))
    vanished(world, entry)
    passes(world, 1)
    world.venue.positions = [leg("0.004")]
    passes(world, KEPT_MINUTES + 1)
    assert world.order(entry).state is OrderState.CANCELED
    assert world.position.quantity == d("0.004")
    assert world.position.stop_order in world.venue.standing
    assert world.slot.entries == ()
    assert world.slot.reserved[entry].notional == d("0.004") * d("100010")


def test_one_that_stands_after_it_was_given_up_is_cancelled(world: World) -> None:
    entry = world.entered()
    news = vanished(world, entry)
    passes(world, KEPT_MINUTES + 1)
    world.venue.standing[entry] = news
    passes(world, 1)
    assert entry not in world.venue.standing
    assert world.venue.canceled[-1] == entry


def test_one_that_the_venue_told_of_while_it_was_asked_is_nobody_s_worry(world: World) -> None:
    entry = world.entered()
    world.clock.advance(MINUTE_MS)
    news = vanished(world, entry)
    asked = world.order(entry)
    ended = world.desk.resolve.record.news(asked, replace(news, state=OrderState.EXPIRED))
    lagging = _Lagging(world.desk.repositories.orders, asked)
    replace(world.desk.reconcile, orders=lagging)(ACCOUNT)  # type: ignore[arg-type]
    assert world.order(entry) == ended
    assert f"order_unknown#{entry}" not in world.alerts


class _Lagging:
    """A list of unfinished orders that does not show the latest yet."""

    def __init__(self, orders: Orders, shown: Order) -> None:
        self._orders = orders
        self._shown = shown

    def unfinished(self, _account: AccountId) -> list[Order]:
        return [self._shown]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._orders, name)


@pytest.mark.parametrize("letter", ["s", "t"])
def test_a_stop_or_target_that_was_replaced_is_not_asked_about_for_ever(world: World, letter: str) -> None:
    world.holding()
    world.venue.positions = [leg("0.009")]
    (lost,) = world.venue.of_purpose(letter)
    vanished(world, lost.client_order_id)
    passes(world, KEPT_MINUTES + 2)
    assert world.order(lost.client_order_id).state is OrderState.CANCELED
    (standing,) = world.venue.of_purpose(letter)
    assert standing.client_order_id != lost.client_order_id
