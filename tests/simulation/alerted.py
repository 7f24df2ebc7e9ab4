"""Alerts are told once they are due, nobody is said to have heard what was never sent, and what is over is over.

row       of an episode only grows: its count, its worst level, what each route has told
told      a route is noted as having told only what was sent by it, or what it refused for good
at rest   every route has told what it owes; what the heartbeats show is open if it is so, and only then
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.simulation.alarms import POLICY, Alarms
from tests.simulation.journal import Written
from tests.simulation.universe import Universe
from tests.simulation.violation import Violation

from undertow.domain.alert import Alert
from undertow.domain.ids import AccountId, ClientOrderId, Symbol
from undertow.domain.market import PositionSide, Venue
from undertow.domain.position import Position
from undertow.ports import AlertRoute
from undertow.services.tell_alert import REFUSED


@dataclass(frozen=True, slots=True)
class Alerted:
    universe: Universe
    alarms: Alarms

    def note(self, written: Written) -> list[Violation]:
        if written.table != "alerts" or written.after is None:
            return []
        return list(self._row(written.before, written.after))

    def _row(self, before: Alert | None, after: Alert) -> Iterator[Violation]:
        told = dict(before.delivered) if before is not None else {}
        if before is not None:
            shrunk = [route for route in told if after.delivered.get(route, -1) < told[route]]
            went_back = after.count < before.count or after.level.rank < before.level.rank
            reopened = not before.is_open and after.is_open
            if shrunk or went_back or reopened or after.version != before.version + 1:
                yield Violation("alert", f"{after.key}, episode {after.episode}: {before} became {after}")
        for route, due_ms in after.delivered.items():
            telling = (route, after.key, after.episode, due_ms)
            people = self.alarms.people
            if told.get(route) != due_ms and telling not in people.tellings and telling not in people.refused:
                yield Violation("alert", f"{after.key} is noted as told by {route}, which was never sent it")

    # --- at rest ----------------------------------------------------------------------------------------------------

    def at_rest(self) -> Iterator[Violation]:
        for episodes in self.universe.store.alerts.values():
            if not episodes:
                continue
            alert = episodes[-1]
            for route in POLICY.routes:
                if _owes(route, alert):
                    yield Violation("alert", f"{route.name} has not told {alert.key}, due at {alert.due_ms}")
            reason = self._is_over(alert)
            if alert.is_open and reason:
                yield Violation("alert", f"{alert.key} is still open, and {reason}")
        yield from self._dead_letters()

    def _is_over(self, alert: Alert) -> str:
        kind, *parts = alert.key.split("#")
        match kind, parts:
            case (
                ("worker_silent" | "user_stream_silent" | "listen_key_old" | "window_uncovered" | "reconcile_late"),
                _,
            ):
                return "there is no reason for it at rest"
            case (("unprotected" | "unprotected_for_long"), (account, symbol, side)):
                held = self._position(account, symbol, side)
                return (
                    "" if held is not None and held.unprotected_since_ms is not None else "there is a stop, or nothing"
                )
            case "exit_failed", (account, symbol, side):
                return "" if self._position(account, symbol, side) is not None else "the position is closed"
            case "order_lost", (name,):
                orders = [self.universe.store.orders[one.id].get(ClientOrderId(name)) for one in self.universe.accounts]
                return "the order has ended" if any(one is not None and one.state.is_final for one in orders) else ""
            case "venue_blocked", _:
                health = self.universe.store.health(Venue.ASTER)
                return "" if health.blocks(self.universe.now_ms) else "the venue may be called"
        return ""

    def _dead_letters(self) -> Iterator[Violation]:
        for queue in (*self.alarms.simulation.queues.all(), self.alarms.queue):
            episodes = self.universe.store.alerts.get(f"dead_letters#{queue.name}") or []
            is_open = bool(episodes) and episodes[-1].is_open
            if is_open != bool(queue.dead):
                told = "an alert says so" if is_open else "nobody was told"
                yield Violation("alert", f"{queue.name} has {len(queue.dead)} messages given up, and {told}")

    def _position(self, account: str, symbol: str, side: str) -> Position | None:
        return self.universe.store.slot(AccountId(account), Symbol(symbol), PositionSide(side)).position


def _owes(route: AlertRoute, alert: Alert) -> bool:
    """The beginning by the routes of its level, the end by those that told the beginning. News of a route that refuses
    is told by another one or by the log."""
    if alert.key.startswith(REFUSED) or alert.delivered.get(route.name, -1) >= alert.due_ms:
        return False
    return alert.level in route.levels if alert.is_open else route.name in alert.delivered
