"""How long each position stood at the venue without a stop: what a system that protects its positions is judged by."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from undertow.adapters.paper.events import AccountEvent, EngineEvent, Leg, OrderEvent
from undertow.adapters.paper.exchange import Exchange
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.order import OrderType

_STOPS: Final = frozenset({OrderType.STOP, OrderType.STOP_MARKET, OrderType.TRAILING_STOP_MARKET})

Key = tuple[AccountId, Symbol, Leg, bool]
"""Account, symbol, leg, and whether the position is long: in one-way mode both are possible in turn."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A time without a stop. ``to_ms`` is None while it lasts; ``opened`` tells the spell right after opening."""

    account: AccountId
    symbol: Symbol
    leg: Leg
    long: bool
    from_ms: int
    to_ms: int | None
    opened: bool
    ended_by: str

    def length_ms(self, now_ms: int) -> int:
        return (now_ms if self.to_ms is None else self.to_ms) - self.from_ms


@dataclass(slots=True)
class ProtectionWatch:
    """Fed with every event; looks at the exchange as it stands after them."""

    exchange: Exchange
    spells: list[Spell] = field(default_factory=list)
    opened: int = 0
    _naked_since_ms: dict[Key, tuple[int, bool]] = field(default_factory=dict)
    _held: set[Key] = field(default_factory=set)

    def observe(self, events: Sequence[EngineEvent], now_ms: int) -> None:
        touched = {(event.account, event.symbol) for event in events if isinstance(event, OrderEvent)}
        for event in events:
            if isinstance(event, AccountEvent):
                touched.update((event.account, line.symbol) for line in event.positions)
        for account, symbol in sorted(touched):
            self._look(account, symbol, now_ms)

    def resume(self, now_ms: int) -> None:
        """Take note of positions that were there before this venue was opened again."""
        for account in list(self.exchange.floor.accounts.values()):
            for position in account.open_positions():
                self._held.add((account.id, position.symbol, position.leg, position.amount > 0))
                self._look(account.id, position.symbol, now_ms)

    def unprotected(self) -> list[Spell]:
        """Spells that still last."""
        return [_spell(key, since, None, opened, "") for key, (since, opened) in self._naked_since_ms.items()]

    def _look(self, account: AccountId, symbol: Symbol, now_ms: int) -> None:
        held: set[Key] = set()
        for position in self.exchange.account(account).open_positions(symbol):
            key = (account, symbol, position.leg, position.amount > 0)
            held.add(key)
            if key not in self._held:
                self.opened += 1
            if self._has_stop(key):
                self._end(key, now_ms, "stop")
            else:
                self._naked_since_ms.setdefault(key, (now_ms, key not in self._held))
        for key in [key for key in self._held if key[:2] == (account, symbol) and key not in held]:
            self._held.discard(key)
            self._end(key, now_ms, "closed")
        self._held |= held

    def _has_stop(self, key: Key) -> bool:
        account, symbol, leg, long = key
        amount = abs(self.exchange.account(account).position(symbol, leg).amount)
        covered = amount * 0
        for order in self.exchange.open_orders(account, symbol):
            closes = order.leg is leg and order.type in _STOPS and (order.side.value == "SELL") is long
            if closes and order.close_position:
                return True
            if closes and order.closes_only:
                covered += order.remaining
        return covered >= amount

    def _end(self, key: Key, now_ms: int, ended_by: str) -> None:
        since = self._naked_since_ms.pop(key, None)
        if since is not None:
            self.spells.append(_spell(key, since[0], now_ms, since[1], ended_by))


def _spell(key: Key, from_ms: int, to_ms: int | None, opened: bool, ended_by: str) -> Spell:
    account, symbol, leg, long = key
    return Spell(account, symbol, leg, long, from_ms, to_ms, opened, ended_by)
