"""Keep trading rules fresh, and mode, margin type and leverage of every traded symbol verified before it is needed."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from undertow.domain.account import Account, Mode
from undertow.domain.ids import Symbol
from undertow.domain.instrument import LeverageBracket
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
        """Fetch the rules and leverage tiers of every venue in use, then verify the symbols of the enabled strategies.

        Raises VenueReadFailed or VenueUnreachable when the rules cannot be read: the stored ones age, and an aged
        rule refuses entries.
        """
        params = self.params.current()
        for venue in sorted({account.venue for account in params.globals.accounts.values()}):
            self._sync_rules(venue, [one for one in params.globals.accounts.values() if one.venue is venue])
        for account in params.globals.accounts.values():
            if account.mode is not Mode.SIMULATE:
                self._verify(account, params)

    def _sync_rules(self, venue: Venue, accounts: Sequence[Account]) -> None:
        rules = self.venues.market_data(venue).fetch_instruments()
        brackets = self._fetch_brackets(accounts)
        if any(rule.symbol not in brackets for rule in rules):
            # Tiers change rarely and are tightened with notice: the last known ones are better than none.
            brackets = {known.symbol: known.brackets for known in self.instruments.all(venue)} | brackets
        self.instruments.save([replace(rule, brackets=brackets.get(rule.symbol, ())) for rule in rules])
        logger.info(
            "instruments_synced",
            extra={"venue": venue.value, "instruments": len(rules), "with_brackets": len(brackets)},
        )

    def _fetch_brackets(self, accounts: Sequence[Account]) -> dict[Symbol, tuple[LeverageBracket, ...]]:
        """From the first account that may ask, live ones first: venues tell their tiers only to accounts.

        Empty when none could. Entries that need tiers are refused while there are none.
        """
        asking = [account for account in accounts if account.mode is not Mode.SIMULATE]
        for account in sorted(asking, key=lambda one: one.mode is not Mode.LIVE):
            brackets = self._brackets_of(account)
            if brackets:
                return dict(brackets)
        return {}

    def _brackets_of(self, account: Account) -> Mapping[Symbol, tuple[LeverageBracket, ...]]:
        try:
            return self.venues.trading(account).fetch_brackets()
        except (VenueUnreachable, VenueReadFailed, LookupError) as failure:
            # LookupError: the account has no credentials yet.
            logger.warning("brackets_not_read", extra={"account": account.id, "cause": str(failure)})
            self.meter.count("brackets_not_read")
            return {}

    def _verify(self, account: Account, params: Parameters) -> None:
        known = {readiness.symbol: readiness for readiness in self.readinesses.all(account.id)}
        for strategy in params.strategies.values():
            if strategy.account != account.id or not strategy.enabled:
                continue
            for symbol, wanted in strategy.symbols.items():
                now_ms = self.clock.now_ms()
                readiness = known.get(symbol)
                if not wanted.enabled or wanted.simulate:
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
