from undertow.signals.coverage import Coverage


def test_nothing_is_covered_before_the_stream_is_up() -> None:
    assert not Coverage().covers(1_000_000, 60)


def test_a_window_is_covered_once_the_stream_was_up_for_all_of_it() -> None:
    coverage = Coverage()
    coverage.begin(1_000_000)
    assert not coverage.covers(1_059_999, 60)
    assert coverage.covers(1_060_000, 60)
    assert not coverage.covers(1_060_000, 61)


def test_a_gap_begins_the_wait_anew() -> None:
    coverage = Coverage()
    coverage.begin(1_000_000)
    coverage.lose()
    assert not coverage.covers(2_000_000, 60)
    coverage.begin(2_000_000)
    assert not coverage.covers(2_000_001, 60)
    assert coverage.covers(2_060_000, 60)


def test_the_record_of_another_worker_covers_the_time_before_us() -> None:
    coverage = Coverage()
    coverage.begin(1_000_000)
    coverage.extend_back_to(900_000)
    assert coverage.covers(1_000_000, 60)
    coverage.extend_back_to(950_000)
    assert coverage.since_ms == 900_000


def test_a_record_cannot_mend_a_stream_that_is_down() -> None:
    coverage = Coverage()
    coverage.extend_back_to(900_000)
    assert not coverage.covers(1_000_000, 60)
