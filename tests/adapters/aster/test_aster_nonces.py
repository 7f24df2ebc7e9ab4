"""Nonces after the clock was measured wrong, held against a venue that keeps to its own rules."""

from itertools import count

import pytest
from local.venue.authentication import NONCE_WINDOW_US, Doorman

from undertow.adapters.aster.signing import Nonces
from undertow.adapters.paper.errors import ExchangeError

TRUE_MS = 1_748_310_859_508
SIGNER = "0xagent"


class Clock:
    """The venue's true time, and ours as far off as the test says."""

    def __init__(self) -> None:
        self.true_ms = TRUE_MS
        self.offset_ms = 0

    def __call__(self) -> int:
        return self.true_ms + self.offset_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(doorman: Doorman, nonce: int, clock: Clock) -> bool:
    try:
        doorman._spend(SIGNER, nonce, clock.true_ms)
    except ExchangeError:
        return False
    return True


@pytest.mark.parametrize("too_high_ms", [3_000, 9_000, 60_000, 3_600_000])
def test_after_an_offset_too_high_is_put_right_the_next_request_is_taken(too_high_ms: int, clock: Clock) -> None:
    doorman, nonces = Doorman(()), Nonces(clock, lane=7)
    clock.offset_ms = too_high_ms
    for _ in range(50):
        taken(doorman, nonces.allocate(), clock)
    clock.offset_ms = 0
    assert taken(doorman, nonces.allocate(), clock)


def test_no_nonce_comes_twice_while_time_passes_again_over_those_made_too_early(clock: Clock) -> None:
    nonces = Nonces(clock, lane=7)
    clock.offset_ms = 6_000
    made = []
    for step in count():
        made.append(nonces.allocate())
        clock.true_ms += 10
        if step == 300:
            clock.offset_ms = 0
        if step == 1_500:
            break
    assert len(set(made)) == len(made)
    assert all(abs(nonce - TRUE_MS * 1000) < NONCE_WINDOW_US * 2 for nonce in made)


def test_a_small_step_back_goes_on_from_the_last_nonce(clock: Clock) -> None:
    nonces = Nonces(clock)
    first = nonces.allocate()
    clock.offset_ms = -4_000
    assert nonces.allocate() == first + 1


def test_the_nonces_remembered_are_bounded(clock: Clock) -> None:
    nonces = Nonces(clock)
    for _ in range(6_000):
        nonces.allocate()
    assert len(nonces._made) == 5_000
