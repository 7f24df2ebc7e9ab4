"""A person at the page, who now and then asks something of an open position, and asks again when no answer comes.

What is asked goes through the real use case behind the API, in a function that can die like every other. Chance is the
person's own, so that runs without a person are what they would be if there were none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any, Final

from tests.simulation.lambdas import Function, Handler, Spec
from tests.simulation.loop import Run

from undertow.adapters.shared_blocks import BlockSharingVenues
from undertow.desk import Outside
from undertow.domain.account import Account
from undertow.domain.position import Position, Slot
from undertow.domain.request import OperatorRequest, RequestId, RequestKind, request_id
from undertow.ports import NoParameters, StoreBusy
from undertow.services.ask_request import AskRequest, RequestProblem
from undertow.services.read_request import ReadRequest
from undertow.services.views.marks import Marks

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

API: Final = "api"
MINUTE_MS: Final = 60_000
PRESENT: Final = 0.4
"""In how many of the seeds somebody sits at the page."""
MOST_TRIES: Final = 4
BY: Final = "token of ann"
CARRYING: Final = ("carry_out_requests", API)
MORTALITY: Final = 0.03
"""How often a function that does what a person asks dies at one of its outside calls, in every seed with a person."""
PERCENTS: Final = ("10", "25", "33.3", "50", "50", "75", "100")


_OPPOSITE: Final = {
    RequestKind.FREEZE_LAYERS: RequestKind.UNFREEZE_LAYERS,
    RequestKind.UNFREEZE_LAYERS: RequestKind.FREEZE_LAYERS,
}
"""What somebody asks next who has changed their mind."""


def drawn_pace(seed: int) -> float:
    """How often a minute the person of this seed asks for something; 0 where there is none."""
    chance = Random(f"pace of a person {seed}")
    return chance.choice((2.0, 4.0, 6.0, 8.0)) if chance.random() < PRESENT else 0.0


@dataclass(frozen=True, slots=True)
class Click:
    """``wish`` has no time yet: it gets that of whoever takes it down. ``answered`` is told what became of it."""

    wish: OperatorRequest
    answered: Callable[[OperatorRequest, str], None]


def api(outside: Callable[[], Outside], noticed: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Handler:
    """The route of the API, without its HTTP: a click in, the request as it then stands, or why it is none."""
    given = outside()
    kept, clock = given.repositories, given.clock
    marks = Marks(BlockSharingVenues(given.venues, kept.healths, clock, tells=False), clock)
    ask = AskRequest(kept.ledger, kept.requests, ReadRequest(kept.instruments, given.params), marks, kept.audit, clock)

    def answer(click: Click) -> None:
        wish = replace(click.wish, asked_at_ms=clock.now_ms())
        account = given.params.current().globals.accounts[wish.account]
        try:
            taken = ask(account, wish)
        except RequestProblem as problem:
            click.answered(click.wish, problem.code)
        except (StoreBusy, NoParameters):
            click.answered(click.wish, "try_again")
        else:
            click.answered(click.wish, taken.state.value)

    def handler(event: Mapping[str, Any], _context: Any) -> None:
        noticed(answer)(event["click"])

    return handler


@dataclass(slots=True, eq=False)
class Person:
    """``heard`` is the last answer to each request that the person sent."""

    simulation: "Simulation"
    asks_a_minute: float
    random: Random
    is_there: bool = True
    heard: dict[RequestId, str] = field(default_factory=dict)
    _keys: "count[int]" = field(default_factory=count)

    def function(self) -> Function:
        simulation = self.simulation
        return Function(
            Spec(API, 28_000, 5), lambda number: api(lambda: simulation.outside(number), simulation.blunders.noticed)
        )

    def sits_down(self) -> None:
        self.simulation.gate.dies = self._strikes_down
        self._waits()

    def _strikes_down(self, run: Run) -> bool:
        return self.is_there and run.name.startswith(CARRYING) and self.random.random() < MORTALITY

    def _waits(self) -> None:
        self._later(self.random.expovariate(self.asks_a_minute / MINUTE_MS), "a person looks", self._looks_again)

    def _looks_again(self) -> None:
        self._waits()
        self._looks()

    def _looks(self) -> None:
        """The page shows the positions as they stand; to decide on something takes a few seconds."""
        account = self.random.choice(self.simulation.universe.accounts)
        slots = self.simulation.universe.kept.ledger.slots_in_use(account.id)
        held = [slot for slot in slots if slot.position is not None]
        if not held:
            return
        slot = self.random.choice(held)
        wish = self._wish(account, slot)
        self._later(self.random.uniform(0, 8_000), f"a person asks {wish.kind}", lambda: self._clicks(wish))
        if self.random.random() < 0.25:
            other = self._wish(account, slot, _OPPOSITE.get(wish.kind))
            self._later(self.random.uniform(200, 20_000), f"and then {other.kind}", lambda: self._clicks(other))

    def _wish(self, account: Account, slot: Slot, wanted: RequestKind | None = None) -> OperatorRequest:
        position = slot.position
        assert position is not None, "nothing is asked of a side that is flat"
        kind = wanted or self._kind(slot)
        return OperatorRequest(
            id=request_id(account.id, BY, f"click-{next(self._keys)}"),
            account=account.id,
            symbol=slot.symbol,
            side=slot.side,
            position=position.id,
            kind=kind,
            asked_at_ms=0,
            by=BY,
            percent=Decimal(self.random.choice(PERCENTS)) if kind is RequestKind.CLOSE else None,
            stop_price=self._stop(position) if kind is RequestKind.STOP else None,
        )

    def _kind(self, slot: Slot) -> RequestKind:
        usual = [RequestKind.CLOSE, RequestKind.CLOSE, RequestKind.STOP, RequestKind.STOP, RequestKind.BREAK_EVEN]
        if slot.ladder is None:
            return self.random.choice([*usual, *usual, RequestKind.FREEZE_LAYERS])
        is_held = slot.ladder.held_at_ms is not None
        layers = RequestKind.UNFREEZE_LAYERS if is_held else RequestKind.FREEZE_LAYERS
        return self.random.choice([*usual, RequestKind.FREEZE_LAYERS, *[layers] * 5])

    def _stop(self, position: Position) -> Decimal:
        """Mostly between the stop and the price; now and then looser, or beyond the price."""
        mark = self.simulation.universe.house.market.quote(position.symbol).mark
        stop = position.stop_price or mark * (1 - position.side.sign * Decimal("0.01"))
        share = Decimal(self.random.randint(-400, 1_100)) / 1_000
        return max(round(stop + (mark - stop) * share, 8), Decimal("0.00000001"))

    def _clicks(self, wish: OperatorRequest) -> None:
        self._sends(wish, 1)
        if self.random.random() < 0.2:
            self._later(self.random.uniform(30, 1_500), "a second click", lambda: self._sends(wish, MOST_TRIES))

    def _sends(self, wish: OperatorRequest, tries: int) -> None:
        if not self.is_there:
            return
        simulation = self.simulation
        function = simulation.lambdas.functions[API]
        is_open = simulation.clock.at_ms >= function.throttled_until_ms
        if is_open and function.running < function.spec.concurrency:
            simulation.lambdas.start(function, event={"click": Click(wish, self._hears)})
        if tries < MOST_TRIES:
            self._later(
                self.random.uniform(3_000, 12_000), "a person waits", lambda: self._sends_again(wish, tries + 1)
            )

    def _sends_again(self, wish: OperatorRequest, tries: int) -> None:
        if self.heard.get(wish.id, "try_again") == "try_again":
            self._sends(wish, tries)

    def _hears(self, wish: OperatorRequest, answer: str) -> None:
        is_news = wish.id not in self.heard
        self.heard[wish.id] = answer
        if answer == "confirmation_needed" and is_news:
            self._confirms(wish)

    def _confirms(self, wish: OperatorRequest) -> None:
        """Most people, having read what it adds."""
        if self.random.random() < 0.7:
            key = request_id(wish.account, BY, f"click-{next(self._keys)}")
            confirmed = replace(wish, id=key, confirmed=True)
            self._later(self.random.uniform(500, 6_000), "a person confirms", lambda: self._clicks(confirmed))

    def _later(self, delay_ms: float, what: str, act: Callable[[], None]) -> None:
        def unless_gone() -> None:
            if self.is_there:
                act()

        self.simulation.loop.after(delay_ms, what, unless_gone)
