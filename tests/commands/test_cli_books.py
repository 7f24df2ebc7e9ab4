"""The books at a terminal: profit and loss, costs, transfers, exports, and entries by hand."""

import csv
import json
from pathlib import Path

import pytest
from tests.commands.conftest import CommandLine
from tests.functions.bookkeeping import SESSION, kept_books, read
from tests.services.world import ACCOUNT, World
from tests.unit.accounts import MINUTE_MS
from tests.unit.builders import NOW_MS

from undertow.commands.terminal import Exit
from undertow.domain.ids import TradeId
from undertow.domain.imports import INCOME_STREAM, Checkpoint, trades_stream


@pytest.fixture
def books(world: World) -> World:
    kept_books(world)
    return world


def lines(undertow: CommandLine) -> list[str]:
    return undertow.out.splitlines()


@pytest.mark.usefixtures("books")
def test_profit_and_loss_is_a_table_with_its_parts_and_their_total(undertow: CommandLine) -> None:
    assert undertow("pnl", "--by", "symbol") == Exit.DONE
    heading, heads, btc, eth, total, *_ = lines(undertow)
    assert heading == "main (live), 2025-11-11 01:36 UTC to 2025-12-11 01:36 UTC, in USDT"
    assert heads.split() == ["net", "realised", "commissions", "funding", "other", "volume", "trades"]
    assert btc.split() == ["BTCUSDT", "18.2", "20", "1.6", "-0.5", "0.3", "4020", "2"]
    assert eth.split() == ["ETHUSDT", "-5.2", "-5", "0.2", "0", "0", "205", "2"]
    assert total.split() == ["total", "13", "15", "1.8", "-0.5", "0.3", "4225", "4"]


@pytest.mark.usefixtures("books")
def test_what_is_below_the_table_is_told_in_sentences_with_units(undertow: CommandLine) -> None:
    undertow("pnl")
    assert "2 round trips closed: 1 won, 1 lost (50 % won), profit factor 3.4423, 6.35 USDT each" in undertow.out
    assert "deposited 800 USDT" in undertow.out
    assert "deepest drawdown" in undertow.out
    assert "unexplained 0 USDT, within the tolerance of 4.06, as of 2025-12-11 01:35 UTC" in undertow.out
    assert "the venue's records are imported up to 2025-12-11 01:36 UTC" in undertow.out


def test_too_much_that_is_not_explained_cannot_be_overlooked(undertow: CommandLine, books: World) -> None:
    read(books, NOW_MS - MINUTE_MS, "900", "900")
    undertow("pnl")
    assert "unexplained 87 USDT, TOO MUCH of 4.5" in undertow.out


@pytest.mark.usefixtures("books")
def test_a_range_of_days_a_session_and_a_symbol_can_be_asked_for(undertow: CommandLine) -> None:
    undertow("pnl", "--from", "2025-12-08", "--to", "2025-12-08", "--symbol", "ETHUSDT")
    assert lines(undertow)[2].split()[1] == "-5.2"
    undertow("pnl", "--session", SESSION, "--json")
    assert json.loads(undertow.out)["accounts"][0]["net_pnl"] == "17.9"


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("pnl", "--from", "yesterday"), "--from yesterday is not understood: give a day such as 2026-01-31"),
        (("pnl", "--from", "2025-12-09", "--to", "2025-12-08"), "--from 2025-12-09 is after --to"),
        (("funding", "--to", "2025-13-01"), "--to 2025-13-01 is not understood"),
        (("adjust", "add", "main", "transfer", "1e3", "--note", "x"), "write it as 12.5, or as -12.5"),
        (("adjust", "add", "main", "transfer", "0", "--note", "x"), "an adjustment of 0 changes nothing"),
    ],
)
def test_whoever_writes_something_else_is_told_what_to_write(
    undertow: CommandLine, argv: tuple[str, ...], told: str
) -> None:
    assert undertow(*argv) == Exit.USAGE
    assert told in undertow.err


def test_an_account_that_is_not_there_is_named_with_those_that_are(undertow: CommandLine) -> None:
    for argv in (("pnl", "--account", "other"), ("export", "trades", "other"), ("adjust", "revoke", "other", "x")):
        assert undertow(*argv) == Exit.NOT_THERE
        assert "there are: main" in undertow.err


def test_before_any_import_the_ledgers_own_trades_are_told_as_such(undertow: CommandLine, world: World) -> None:
    world.holding()
    undertow("pnl")
    assert "nothing is imported from the venue yet" in undertow.out
    assert "no round trip was closed" in undertow.out


@pytest.mark.usefixtures("books")
def test_commissions_funding_and_transfers_are_listed_with_their_sums(undertow: CommandLine) -> None:
    undertow("commissions")
    assert "paid 1.8 USDT: maker 1.8 USDT, taker nothing" in undertow.out
    assert "the venue lists 1.8 USDT: they agree" in undertow.out
    undertow("funding", "--symbol", "BTCUSDT")
    assert "-0.5 USDT: received 0, paid 0.5, in 1 payments" in undertow.out
    undertow("transfers", "--last", "1")
    assert "in 1000 USDT, out 200 USDT" in undertow.out
    assert "deposited since the beginning, less withdrawn: 800 USDT" in undertow.out
    assert "2025-12-10 00:00 UTC  -200    USDT   venue" in undertow.out
    undertow("transfers", "--json")
    assert json.loads(undertow.out)["accounts"][0]["deposits"] == {"USDT": "1000"}


@pytest.mark.usefixtures("books")
def test_an_export_is_a_whole_file_or_none(undertow: CommandLine, tmp_path: Path) -> None:
    target = tmp_path / "incomes.csv"
    assert undertow("export", "incomes", "main", "--out", str(target)) == Exit.DONE
    assert undertow.out == f"{target}: 7 incomes of main"
    with target.open(encoding="utf-8", newline="") as file:
        assert [row["amount"] for row in csv.DictReader(file)][:2] == ["1000", "-0.5"]
    assert list(tmp_path.glob("*.part")) == []
    assert undertow("export", "incomes", "main", "--out", str(tmp_path / "no" / "file.csv")) == Exit.FAILED
    assert "cannot be written" in undertow.err


@pytest.mark.usefixtures("books")
def test_an_export_to_standard_output_has_one_object_in_a_line(undertow: CommandLine) -> None:
    assert undertow("export", "trades", "main", "--format", "json") == Exit.DONE
    rows = [json.loads(line) for line in undertow.out.splitlines()]
    assert [row["realized_pnl"] for row in rows] == ["0", "20", "0", "-5"]
    undertow("export", "trades", "main")
    assert undertow.out.splitlines()[0].startswith("time,time_ms,account,symbol")
    assert len(undertow.out.splitlines()) == 5


@pytest.mark.usefixtures("books")
def test_an_entry_is_made_listed_and_revoked(undertow: CommandLine) -> None:
    assert undertow("adjust", "list") == Exit.DONE
    assert undertow.out == "nothing was entered by hand"
    assert undertow("adjust", "add", "main", "transfer", "-12.5", "--note", "to the bank") == Exit.DONE
    assert "main: -12.5 USDT of transfer entered, before the first record; id " in undertow.out
    entry = undertow.out.rpartition(" ")[2]
    assert undertow("adjust", "add", "main", "transfer", "-12.5", "--note", "to the bank") == Exit.REFUSED
    assert undertow("adjust", "add", "main", "funding", "3", "--at", "2025-12-09", "--note", "support") == Exit.DONE
    undertow("adjust", "list", "--account", "main")
    assert "terminal anna" in undertow.out
    assert "2025-12-09 00:00 UTC" in undertow.out
    assert undertow("adjust", "revoke", "main", entry) == Exit.DONE
    assert "count no more" in undertow.out
    assert undertow("adjust", "revoke", "main", entry) == Exit.CHANGED_MEANWHILE
    assert undertow("adjust", "revoke", "main", "x") == Exit.NOT_THERE


def test_how_far_the_imports_came_is_shown_stream_by_stream(undertow: CommandLine, world: World) -> None:
    assert undertow("imports") == Exit.DONE
    assert undertow.out.strip() == "main: nothing is imported yet"
    week_ms = 7 * 24 * 3_600_000
    for one in (
        Checkpoint(
            ACCOUNT.id, INCOME_STREAM, NOW_MS - 10 * week_ms, NOW_MS - 5 * week_ms, NOW_MS, NOW_MS, None, 9, 9_000, 5,
            10, None, NOW_MS - MINUTE_MS, "no answer", 1,
        ),
        Checkpoint(
            ACCOUNT.id, trades_stream("BTCUSDT"), NOW_MS - week_ms, NOW_MS, NOW_MS, NOW_MS, TradeId(7), 1, 6, 1, 1,
            NOW_MS, NOW_MS - MINUTE_MS, "", 1,
        ),
    ):  # fmt: skip
        assert world.desk.repositories.checkpoints.save(one)
    undertow("imports")
    _, _, incomes, trades, failed = lines(undertow)
    assert incomes.split()[:8] == ["income", "50", "%", "5", "of", "10", "9", "9000"]
    assert trades.split()[:4] == ["trades", "BTCUSDT", "100", "%"]
    assert trades.endswith("caught up")
    assert failed.strip() == "income: the last run ended early: no answer"
    undertow("imports", "--json")
    streams = json.loads(undertow.out)["accounts"][0]["streams"]
    assert [one["remaining_ms"] for one in streams] == [MINUTE_MS, 0]
