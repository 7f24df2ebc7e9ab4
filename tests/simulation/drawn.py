"""What is different from run to run beside the faults: accounts, strategies, limits, protection, the market."""

from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from tests.services.world import parameters
from tests.simulation.market import NAMES
from tests.unit.builders import hunter_params, protection
from tests.unit.ladders import ladder_params

from undertow.domain.account import Account, MarginType, Mode, PositionMode
from undertow.domain.ids import AccountId, StrategyId, Symbol
from undertow.domain.market import Venue
from undertow.domain.order import TimeInForce, WorkingType
from undertow.ports import ExternalPolicy, HunterStrategy, LadderStrategy, Parameters, Strategy
from undertow.risk.limits import AccountLimits, RiskLimits, SymbolLimits
from undertow.risk.protection import ProtectionParams, Trailing
from undertow.strategies.hunter import HunterParams, Threshold
from undertow.strategies.ladder.params import LadderParams, LayerTrigger
from undertow.strategies.signal import OppositePolicy


@dataclass(frozen=True, slots=True)
class Drawn:
    accounts: tuple[Account, ...]
    generations: tuple[int, ...]
    """Of the venue's API, by account."""
    symbols: int
    parameters: Parameters


def drawn_setting(random: Random, is_eager: bool = False, is_patient: bool = False) -> Drawn:
    """``is_eager``: strategies that enter at every chance, in accounts whose caps bind. ``is_patient``: at prices where
    their orders rest for a while.
    """
    two = random.random() < 0.25
    accounts = tuple(_account(random, name) for name in (("main", "second") if two else ("main",)))
    symbols = 4 if is_eager else random.randint(1, 4)
    given = parameters()
    names = tuple(Symbol(name) for name in NAMES[:symbols])
    strategies: dict[StrategyId, Strategy] = {}
    for account in accounts:
        kinds = random.choice((("hunter",), ("hunter",), ("ladder",), ("hunter", "ladder")))
        for kind in kinds:
            strategy = _strategy(random, kind, account, names)
            strategies[strategy.id] = _eager(random, strategy, is_patient) if is_eager else strategy
    limits = {account.id: _tight(random) if is_eager else _limits(random) for account in accounts}
    external = ExternalPolicy(None) if random.random() < 0.2 else given.globals.external
    changed = replace(
        given.globals, accounts={account.id: account for account in accounts}, limits=limits, external=external
    )
    drawn = replace(given, globals=changed, strategies=strategies)
    return Drawn(accounts, tuple(random.choice((1, 3, 3)) for _ in accounts), symbols, drawn)


def _account(random: Random, name: str) -> Account:
    mode = PositionMode.ONE_WAY if random.random() < 0.3 else PositionMode.HEDGE
    return Account(AccountId(name), Venue.ASTER, Mode.LIVE, mode, multi_assets=False)


def _limits(random: Random) -> AccountLimits:
    return AccountLimits(
        Decimal(random.choice((300, 1_000, 3_000))),
        Decimal(random.choice((3_000, 10_000))),
        max_positions=random.choice((0, 1, 2, 5)),
        max_leverage=20,
        max_signal_age_ms=random.choice((3_000, 5_000, 10_000)),
        risk=RiskLimits(
            max_daily_loss_pct=random.choice((None, Decimal(5))), max_drawdown_pct=random.choice((None, Decimal(20)))
        ),
    )


def _tight(random: Random) -> AccountLimits:
    """One to three entries are all that fits."""
    return replace(
        _limits(random),
        max_total_margin=Decimal(random.choice((60, 120, 1_000))),
        max_total_notional=Decimal(random.choice((500, 1_500, 10_000))),
        max_positions=random.choice((0, 1, 2)),
        max_signal_age_ms=10_000,
    )


def _eager(random: Random, strategy: Strategy, is_patient: bool) -> Strategy:
    """A hunter that enters whenever anything is liquidated after some quiet seconds, and leaves again soon."""
    if not isinstance(strategy, HunterStrategy):
        return strategy
    low = Threshold(Decimal(1_000), None)
    soon = protection(stop_loss_pct=Decimal("0.4"), take_profit_pct=Decimal("0.3"))
    hunters = {
        name: replace(
            one,
            long=low,
            short=low,
            volume_window_s=random.choice((1, 3, 5)),
            cooldown_s=0,
            price_offset_pct=Decimal("0.4") if is_patient else Decimal(random.choice(("0.02", "0.3"))),
            time_in_force=TimeInForce.GTC if is_patient else random.choice((TimeInForce.GTC, TimeInForce.IOC)),
            order_ttl_s=random.choice((5, 15)),
            protection=soon,
        )
        for name, one in strategy.symbols.items()
    }
    return replace(strategy, symbols=hunters)


def _strategy(random: Random, kind: str, account: Account, names: tuple[Symbol, ...]) -> Strategy:
    identity = StrategyId(f"{kind}-{account.id}")
    one_way = account.position_mode is PositionMode.ONE_WAY
    if kind == "hunter":
        return HunterStrategy(identity, account.id, True, {name: _hunter(random, one_way) for name in names}, "h1")
    return LadderStrategy(identity, account.id, True, {name: _ladder(random, one_way) for name in names}, "l1")


def _protection(random: Random) -> ProtectionParams:
    stop = Decimal(random.choice(("0.4", "0.8", "1.5", "3")))
    return protection(
        stop_loss_pct=stop,
        take_profit_pct=stop * Decimal(random.choice(("0.7", "1", "2"))),
        working_type=random.choice((WorkingType.MARK_PRICE, WorkingType.CONTRACT_PRICE)),
        trailing=random.choice((None, None, Trailing(Decimal(50), Decimal("0.3")))),
    )


def _hunter(random: Random, one_way: bool) -> HunterParams:
    threshold = Threshold(Decimal(random.choice((3_000, 8_000, 15_000))), random.choice((None, None, Decimal(60_000))))
    return hunter_params(
        volume_window_s=random.choice((30, 60)),
        long=threshold,
        short=threshold,
        cooldown_s=random.choice((0, 5, 30)),
        trade_value=Decimal(random.choice((20, 60, 100))),
        leverage=random.choice((5, 10)),
        margin_type=random.choice((MarginType.ISOLATED, MarginType.ISOLATED, MarginType.CROSS)),
        time_in_force=random.choice((TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC)),
        order_ttl_s=random.choice((5, 15, 30)),
        limits=SymbolLimits(Decimal(500), Decimal(5_000), 5),
        protection=_protection(random),
        opposite=random.choice((OppositePolicy.IGNORE, OppositePolicy.REDUCE))
        if one_way
        else random.choice(tuple(OppositePolicy)),
    )


def _ladder(random: Random, one_way: bool) -> LadderParams:
    return ladder_params(
        {"max_layers": random.randint(2, 5), "margin_pct": Decimal(random.choice((10, 30)))},
        cooldown_s=random.choice((5, 30)),
        layer_delay_s=random.choice((1, 10, 30)),
        opposite=random.choice((OppositePolicy.IGNORE, OppositePolicy.REDUCE)),
        layer_trigger=random.choice(tuple(LayerTrigger)),
        max_total_deviation_pct=Decimal(random.choice(("0.5", "2"))),
        price_offset_pct=Decimal(random.choice(("0.1", "0.1", "0.3"))),
        order_ttl_s=random.choice((5, 15, 30)),
        protection=_protection(random),
    )


def changed_parameters(random: Random, known: Parameters) -> Parameters:
    """What the owner changes while everything runs: a strategy off or on, other sizes, other stops, other limits."""
    number = known.globals.version.removeprefix("g")
    version = f"g{int(number) + 1}"
    what = random.choice(("enabled", "protection", "limits"))
    if what == "limits":
        limits = {account: _limits(random) for account in known.globals.limits}
        return replace(known, globals=replace(known.globals, limits=limits, version=version))
    chosen = random.choice(sorted(known.strategies))
    strategy = known.strategies[chosen]
    if what == "enabled":
        changed: Strategy = replace(strategy, enabled=not strategy.enabled, version=f"{strategy.version}+")
    elif isinstance(strategy, HunterStrategy):
        hunters = {name: replace(one, protection=_protection(random)) for name, one in strategy.symbols.items()}
        changed = replace(strategy, symbols=hunters, version=f"{strategy.version}+")
    else:
        ladders = {name: replace(one, protection=_protection(random)) for name, one in strategy.symbols.items()}
        changed = replace(strategy, symbols=ladders, version=f"{strategy.version}+")
    return replace(
        known,
        globals=replace(known.globals, version=version),
        strategies={**known.strategies, chosen: changed},
    )
