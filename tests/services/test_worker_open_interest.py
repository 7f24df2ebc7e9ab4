"""Open interest: asked for where it is served, and asked for once where it is not."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from stream_worker.open_interest import FASTEST_S, OpenInterestPoll
from tests.services.worker_rig import BTC, ETH, NOW_MS, during, until

from undertow.domain.ids import Symbol
from undertow.domain.market import OpenInterest
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable

SAMPLE = OpenInterest(Decimal(5), NOW_MS)


@dataclass
class FakeSource:
    answers: Callable[[int], OpenInterest | None]
    asked: list[Symbol] = field(default_factory=list)

    def fetch_open_interest(self, symbol: Symbol) -> OpenInterest | None:
        self.asked.append(symbol)
        return self.answers(len(self.asked))


class Rig:
    def __init__(self, answers: Callable[[int], OpenInterest | None]) -> None:
        self.source = FakeSource(answers)
        self.taken: list[tuple[Symbol, OpenInterest]] = []
        self.poll = OpenInterestPoll(self.source, lambda symbol, sample: self.taken.append((symbol, sample)))
        self.poll.watch([ETH, BTC])

    def play(self, until_asked: int) -> None:
        during(self.poll.run(hurry=0.001), lambda: until(lambda: len(self.source.asked) >= until_asked))


def test_a_venue_without_the_endpoint_is_asked_once_and_never_again() -> None:
    rig = Rig(lambda _: None)

    asyncio.run(asyncio.wait_for(rig.poll.run(), 10))

    assert len(rig.source.asked) == 1
    assert rig.poll.served is False
    assert rig.taken == []


def test_where_it_is_served_every_symbol_is_asked_in_turn() -> None:
    rig = Rig(lambda _: SAMPLE)

    rig.play(4)

    assert rig.poll.served is True
    assert rig.source.asked[:4] == [ETH, BTC, ETH, BTC]
    assert rig.taken[:2] == [(ETH, SAMPLE), (BTC, SAMPLE)]


@pytest.mark.parametrize("error", [VenueUnreachable("down"), VenueReadFailed("503")])
def test_a_venue_in_trouble_has_not_said_that_there_is_no_endpoint(error: Exception) -> None:
    def answers(number: int) -> OpenInterest | None:
        if number == 1:
            raise error
        return SAMPLE

    rig = Rig(answers)
    rig.play(3)

    assert rig.poll.served is True


def test_one_symbol_without_it_does_not_end_it_for_the_others() -> None:
    rig = Rig(lambda number: None if number == 2 else SAMPLE)

    rig.play(4)

    assert rig.poll.served is True


def test_nothing_is_asked_while_nothing_is_watched() -> None:
    rig = Rig(lambda _: SAMPLE)
    rig.poll.watch([])

    async def script() -> None:
        await asyncio.sleep(0.02)

    during(rig.poll.run(hurry=0.001), script)

    assert rig.source.asked == []


def test_asking_stays_a_small_part_of_what_an_address_may_ask() -> None:
    assert 60 / FASTEST_S <= 2_400 / 20
