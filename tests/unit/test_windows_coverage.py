import pytest

from undertow.signals.coverage import Coverage


def test_nothing_is_covered_before_the_stream_is_up() -> None:
    assert not Coverage().covers(1_000_000, 60)


def test_a_window_is_covered_once_the_stream_was_up_for_all_of_it() -> None:
    coverage = Coverage()
    coverage.begin(1_000_000)
    assert not coverage.covers(1_059_999, 60)
    assert coverage.covers(1_060_000, 60)
    assert not coverage.covers(1_060_000, 61)


def test_a_gap_however_short_begins_the_wait_anew() -> None:
    coverage = Coverage()
    coverage.begin(1_000_000)
    coverage.lose(1_999_999)
    assert not coverage.covers(2_000_000, 60)
    coverage.begin(2_000_000)
    assert not coverage.covers(2_059_999, 60)
    assert coverage.covers(2_060_000, 60)


def test_a_doubt_is_a_gap_too() -> None:
    coverage = Coverage()
    coverage.begin(1_000_000)
    coverage.doubt(1_500_000, 2_000_000)
    assert not coverage.covers(2_059_999, 60)
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


@pytest.mark.parametrize(("each_ms", "covered"), [(600, True), (601, False)])
def test_gaps_may_take_as_much_of_a_window_as_is_tolerated(each_ms: int, covered: bool) -> None:
    coverage = Coverage(tolerated_pct=2)
    coverage.begin(1_000_000)
    for gap_ends_ms in (1_070_000, 1_080_000):
        coverage.lose(gap_ends_ms - each_ms)
        coverage.begin(gap_ends_ms)
    assert coverage.covers(1_100_000, 60) is covered
    assert coverage.covers(1_140_000, 60)


def test_what_was_before_the_first_connection_is_no_gap_to_be_tolerated() -> None:
    coverage = Coverage(tolerated_pct=50)
    coverage.begin(1_000_000)
    assert not coverage.covers(1_059_999, 60)


def test_only_the_part_of_a_gap_that_lies_in_the_window_counts() -> None:
    coverage = Coverage(tolerated_pct=2)
    coverage.begin(0)
    coverage.lose(1_000_000)
    coverage.begin(1_010_000)
    assert not coverage.covers(1_068_799, 60)
    assert coverage.covers(1_068_800, 60)


def test_a_record_mends_the_gaps_that_it_spans() -> None:
    coverage = Coverage(tolerated_pct=1)
    coverage.begin(0)
    coverage.lose(500_000)
    coverage.begin(520_000)
    coverage.lose(900_000)
    coverage.begin(950_000)
    coverage.extend_back_to(890_000)
    assert coverage.covers(960_000, 60)
    assert not coverage.covers(560_000, 60)
