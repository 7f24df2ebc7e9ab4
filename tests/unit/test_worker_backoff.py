from random import Random

from stream_worker.backoff import FIRST_S, LONGEST_S, Backoff


def test_delays_double_from_a_quarter_of_a_second_to_half_a_minute_with_jitter() -> None:
    backoff = Backoff(Random(1))
    delays = [backoff.after(0) for _ in range(12)]
    full = [min(FIRST_S * 2**number, LONGEST_S) for number in range(12)]
    assert all(whole / 2 <= delay <= whole for delay, whole in zip(delays, full, strict=True))
    assert len(set(delays)) == 12


def test_a_connection_that_was_really_up_begins_anew() -> None:
    backoff = Backoff(Random(1))
    for _ in range(8):
        backoff.after(0)
    assert backoff.after(60) <= FIRST_S


def test_a_venue_that_accepts_and_hangs_up_at_once_is_not_hammered() -> None:
    backoff = Backoff(Random(1))
    delays = [backoff.after(0.05) for _ in range(8)]
    assert delays[-1] >= 10
