"""Keep the venue's books of an account up to date: incomes first, because they tell what was traded, then trades."""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from undertow.domain.account import Account, Mode
from undertow.domain.ids import Symbol
from undertow.domain.imports import INCOME_STREAM, Checkpoint, trades_stream
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import Checkpoints, Clock, Ledger, Meter, ParamsSource
from undertow.services.allowance import WEIGHT_A_MINUTE, Allowance, AllowanceSpent
from undertow.services.count_transfers import CountTransfers
from undertow.services.import_income import ImportIncome, unasked
from undertow.services.sync_trades import SyncTrades
from undertow.services.take_turn import TakeTurn, TurnLost

logger = logging.getLogger(__name__)

RUN_MS: Final = 40_000
"""All accounts together, within the minute after which the next run begins."""
TURN_MS: Final = 50_000
IDLE_MS: Final = 300_000
"""A market that no income names is asked for trades this often."""


@dataclass(frozen=True, slots=True)
class ImportHistory:
    """One bounded run. What it does not get done, the next one goes on with."""

    ledger: Ledger
    checkpoints: Checkpoints
    params: ParamsSource
    import_income: ImportIncome
    count_transfers: CountTransfers
    sync_trades: SyncTrades
    take_turn: TakeTurn
    clock: Clock
    meter: Meter

    def __call__(self, account: Account) -> int:
        """The request weight that was used. Raises what the venue met with, once all that could be done was done."""
        turn = self.take_turn(f"import#{account.id}", "schedule", TURN_MS)
        if turn is None:
            return 0
        sharing = [one for one in self.params.current().globals.accounts.values() if one.mode is not Mode.SIMULATE]
        share = max(1, len(sharing))
        until_ms = self.clock.now_ms() + RUN_MS // share
        allowance = Allowance(turn, self.clock, until_ms, WEIGHT_A_MINUTE // share)
        try:
            self._import(account, allowance)
        except (AllowanceSpent, TurnLost) as stopped:
            logger.info("import_goes_on_later", extra={"account": account.id, "cause": str(stopped)})
        finally:
            turn.give_back()
            self.meter.count("import_weight", allowance.spent)
        return allowance.spent

    def _import(self, account: Account, allowance: Allowance) -> None:
        with self._told(account, INCOME_STREAM):
            asked_at_ms = self.clock.now_ms()
            named = self.import_income(account, allowance)
        self.count_transfers(account, asked_at_ms)
        self._announce_held(account)
        failures: list[Exception] = []
        for symbol in self._due(account, named):
            try:
                with self._told(account, trades_stream(symbol)):
                    self.sync_trades(account, symbol, allowance)
            except VenueReadFailed as failure:
                failures.append(failure)
        if failures:
            raise failures[0]

    def _announce_held(self, account: Account) -> None:
        """A position of which no income tells as yet, because opening it cost nothing."""
        streams = {one.stream for one in self.checkpoints.of_account(account.id)}
        now_ms = self.clock.now_ms()
        for slot in self.ledger.slots_in_use(account.id):
            stream = trades_stream(slot.symbol)
            if slot.position is not None and stream not in streams:
                self.checkpoints.save(unasked(account, slot.symbol, slot.position.opened_at_ms, now_ms))
                streams.add(stream)

    def _due(self, account: Account, named: Collection[Symbol]) -> list[Symbol]:
        """Markets to ask for, those that waited longest first."""
        now_ms = self.clock.now_ms()
        known = [one for one in self.checkpoints.of_account(account.id) if one.stream != INCOME_STREAM]
        due = [one for one in known if _is_behind(one, now_ms) or _symbol(one) in named]
        return [_symbol(one) for one in sorted(due, key=lambda one: (one.caught_up_at_ms or 0, one.updated_at_ms))]

    @contextmanager
    def _told(self, account: Account, stream: str) -> Iterator[None]:
        """Why an import ended early is kept with its progress, where people look."""
        try:
            yield
        except (VenueReadFailed, VenueUnreachable) as failure:
            logger.warning("import_failed", extra={"account": account.id, "stream": stream, "cause": str(failure)})
            self.meter.count("imports_failed")
            known = self.checkpoints.get(account.id, stream)
            if known is not None:
                self.checkpoints.save(replace(known, error=str(failure)).stored(self.clock.now_ms()))
            raise


def _symbol(checkpoint: Checkpoint) -> Symbol:
    return Symbol(checkpoint.stream.removeprefix(trades_stream("")))


def _is_behind(checkpoint: Checkpoint, now_ms: int) -> bool:
    return checkpoint.caught_up_at_ms is None or now_ms - checkpoint.caught_up_at_ms >= IDLE_MS
