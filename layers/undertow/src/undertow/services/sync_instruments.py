"""Keep trading rules fresh, and mode, margin type and leverage of every traded symbol verified before it is needed."""

import logging
from dataclasses import dataclass

from undertow.domain.account import Account, Mode
from undertow.domain.market import Venue
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import (
    Clock,
    Instruments,
    Ledger,
    Meter,
    Parameters,
    ParamsSource,
    Readinesses,
    Venues,
)
from undertow.risk.readiness import unready

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SyncInstruments:
    params: ParamsSource
    instruments: Instruments
    readinesses: Readinesses
    ledger: Ledger
    venues: Venues
    clock: Clock
    meter: Meter

    def __call__(self) -> None:
        """Fetch the rules of every venue in use, then verify the symbols of the enabled strategies.

        Raises VenueReadFailed or VenueUnreachable when the rules cannot be read: the stored ones age, and an aged
        rule refuses entries.
        """
        params = self.params.current()
        for venue in sorted({account.venue for account in params.globals.accounts.values()}):
            self._sync_rules(venue)
        for account in params.globals.accounts.values():
            if account.mode is not Mode.SIMULATE:
                self._verify(account, params)

    def _sync_rules(self, venue: Venue) -> None:
        rules = self.venues.market_data(venue).fetch_instruments()
        self.instruments.save(rules)
        logger.info("instruments_synced", extra={"venue": venue.value, "instruments": len(rules)})

    def _verify(self, account: Account, params: Parameters) -> None:
        known = {readiness.symbol: readiness for readiness in self.readinesses.all(account.id)}
        for strategy in params.strategies.values():
            if strategy.account != account.id or not strategy.enabled:
                continue
            for symbol, wanted in strategy.symbols.items():
                now_ms = self.clock.now_ms()
                readiness = known.get(symbol)
                if not wanted.enabled:
                    continue
                if unready(readiness, account, wanted.leverage, wanted.margin_type, now_ms) is None:
                    continue
                try:
                    ready = self.venues.trading(account).make_ready(
                        symbol, wanted.leverage, wanted.margin_type, account
                    )
                except (VenueUnreachable, VenueReadFailed) as failure:
                    logger.warning(
                        "readiness_not_verified",
                        extra={"account": account.id, "symbol": symbol, "cause": str(failure)},
                    )
                    continue
                self.readinesses.save(ready)
                self.meter.count("symbols_verified")
