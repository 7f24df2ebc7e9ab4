"""What happens to the system now and then: its owner's hands, throttles, outages, workers that die or double."""

from collections.abc import Callable
from functools import partial
from typing import Final

from tests.simulation.drawn import changed_parameters
from tests.simulation.simulation import Simulation
from tests.simulation.swarm import FAULTS
from tests.simulation.troubles import TROUBLES
from tests.simulation.worker import Worker

from undertow.domain.account import Switch
from undertow.domain.ids import AccountId, Symbol
from undertow.services.set_switch import SetSwitch, SwitchMoved

MINUTE_MS: Final = 60_000


class Acts:
    """Every drawn act comes at intervals of its own rate, until the run is calm."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._acts: dict[str, Callable[[], bool]] = {
            "throttled": self._throttle,
            "concurrency_zero": self._concurrency_zero,
            "store_outage": self._store_outage,
            "params_changed": self._change_parameters,
            "dead_redriven": self._redrive,
            "paused": lambda: self._tighten(Switch.PAUSED),
            "close_only": lambda: self._tighten(Switch.CLOSE_ONLY),
            "flattened": lambda: self._tighten(Switch.FLATTEN),
            "worker_killed": self._kill_worker,
            "worker_doubled": self._double_worker,
            "market_socket_cut": self._cut_market,
            "user_socket_cut": self._cut_user,
            "burst": self._burst,
            "cascade": self._cascade,
            "positions_unreadable": self._hide_positions,
            **{trouble.name: partial(trouble.act, simulation.universe) for trouble in TROUBLES},
        }
        missing = {kind.name for kind in FAULTS.values() if kind.is_act} - self._acts.keys()
        assert not missing, missing

    def start(self) -> None:
        rates = self._simulation.swarm.rates
        self._simulation.gate.under_a_claim = self._switch_soon
        for name in sorted(self._acts.keys() & rates.keys()):
            self._next(name, rates[name])

    def _next(self, name: str, rate: float) -> None:
        simulation = self._simulation
        delay_ms = simulation.random.expovariate(rate / MINUTE_MS)

        def act() -> None:
            if name not in simulation.swarm.rates:
                return
            if self._acts[name]():
                simulation.swarm.hit(name)
            self._next(name, rate)

        simulation.loop.after(delay_ms, f"act {name}", act)

    # --- AWS --------------------------------------------------------------------------------------------------------

    def _throttle(self) -> bool:
        functions = self._simulation.lambdas.functions
        chosen = functions[self._simulation.random.choice(sorted(functions))]
        chosen.throttled_until_ms = self._now_ms + self._simulation.random.randint(500, 8_000)
        return True

    def _concurrency_zero(self) -> bool:
        for function in self._simulation.lambdas.functions.values():
            function.throttled_until_ms = self._now_ms + self._simulation.random.randint(5_000, 40_000)
        return True

    def _store_outage(self) -> bool:
        gate, simulation = self._simulation.gate, self._simulation
        gate.store_is_down = True

        def back() -> None:
            gate.store_is_down = False

        simulation.loop.after(simulation.random.uniform(500, 30_000), "store back", back)
        return True

    def _hide_positions(self) -> bool:
        """The list of positions cannot be read for a while, everything else can."""
        gate, simulation = self._simulation.gate, self._simulation
        gate.positions_are_unreadable = True

        def back() -> None:
            gate.positions_are_unreadable = False

        simulation.loop.after(simulation.random.uniform(10_000, 200_000), "positions back", back)
        return True

    def _redrive(self) -> bool:
        simulation = self._simulation
        moved = 0
        for queue in simulation.queues.all():
            moved += queue.redrive(self._now_ms)
            if queue.messages:
                simulation.poke(queue)
        return moved > 0

    # --- the owner --------------------------------------------------------------------------------------------------

    def _change_parameters(self) -> bool:
        universe = self._simulation.universe
        universe.params.replace(changed_parameters(self._simulation.random, universe.params.current()))
        windows = self._simulation.windows()
        for worker in self._living():
            worker.watch(windows)
        return True

    def _tighten(self, switch: Switch) -> bool:
        simulation, universe = self._simulation, self._simulation.universe
        self._switch(simulation.random.choice(universe.accounts).id, switch)
        return True

    def _switch(self, account: AccountId, switch: Switch) -> None:
        simulation, universe = self._simulation, self._simulation.universe
        hand = SetSwitch(universe.kept.controls, universe.kept.audit, simulation.clock)
        control = hand.tighten(account, switch, "owner", "by hand")

        def resume() -> None:
            try:
                hand.resume(account, control.version, "owner", "enough")
            except SwitchMoved:
                simulation.loop.note("resume refused")

        simulation.loop.after(simulation.random.uniform(2_000, 60_000), f"resume {account}", resume)

    def _switch_soon(self, account: AccountId) -> None:
        simulation = self._simulation
        switch = simulation.random.choice((Switch.PAUSED, Switch.CLOSE_ONLY, Switch.FLATTEN))
        simulation.loop.after(
            simulation.random.uniform(1, 190), f"under a claim {switch}", lambda: self._switch(account, switch)
        )

    # --- the worker -------------------------------------------------------------------------------------------------

    def _living(self) -> list[Worker]:
        return [worker for worker in self._simulation.workers if worker.is_alive]

    def _kill_worker(self) -> bool:
        living = self._living()
        if not living:
            return False
        simulation = self._simulation
        worker = simulation.random.choice(living)
        heard_until_ms = self._now_ms - simulation.random.randint(0, 10_000)
        simulation.bury(worker)
        if len(living) == 1:
            simulation.loop.after(
                simulation.random.uniform(3_000, 60_000), "worker starts", lambda: simulation.revive(heard_until_ms)
            )
        return True

    def _double_worker(self) -> bool:
        simulation = self._simulation
        if len(self._living()) != 1:
            return False
        second = simulation.add_worker(self._now_ms)
        # It gathers otherwise than the first, so that the queue cannot tell what both send for the same.
        second.pace_ms = simulation.random.choice((40, 300))
        simulation.loop.after(
            simulation.random.uniform(5_000, 120_000), "one worker stops", lambda: simulation.bury_all_but_one(second)
        )
        return True

    def _cut_market(self) -> bool:
        for worker in self._living():
            worker.cut_market(self._simulation.random.uniform(200, 8_000))
        return bool(self._living())

    def _cut_user(self) -> bool:
        for worker in self._living():
            worker.cut_user(self._simulation.random.uniform(200, 20_000), "socket_cut")
        return bool(self._living())

    # --- the market -------------------------------------------------------------------------------------------------

    def _burst(self) -> bool:
        """Many liquidations of one symbol at once."""
        symbols = list(self._simulation.universe.house.market.symbols())
        self._liquidate(self._simulation.random.choice(symbols))
        return True

    def _cascade(self) -> bool:
        """Many liquidations of every symbol at once."""
        for symbol in self._simulation.universe.house.market.symbols():
            self._liquidate(symbol)
        return True

    def _liquidate(self, symbol: Symbol) -> None:
        simulation = self._simulation
        side = simulation.random.choice(("BUY", "SELL"))
        for number in range(simulation.random.randint(5, 25)):
            simulation.loop.after(
                number * simulation.random.uniform(5, 120),
                f"liquidation {symbol}",
                lambda: simulation.liquidate(symbol, side),
            )

    @property
    def _now_ms(self) -> int:
        return self._simulation.clock.at_ms
