"""The kinds of strategies: which settings each has, what is wrong or unwise about them, and what they come to."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from undertow.adapters.ssm import hunter_settings, ladder_strategy
from undertow.adapters.ssm.entry_settings import Conflict, EntrySettings, Header
from undertow.adapters.ssm.hunter_settings import HunterSettings
from undertow.adapters.ssm.ladder_settings import LadderSettings
from undertow.domain.account import Account
from undertow.domain.ids import Symbol
from undertow.ports import Strategy
from undertow.risk.limits import AccountLimits

Settings = TypeVar("Settings", bound=EntrySettings)


@dataclass(frozen=True, slots=True)
class Kind(Generic[Settings]):
    """``twins`` are settings that were one in older systems: given alone, each stands for the other too."""

    settings: type[Settings]
    conflicts: Callable[[Settings], Iterator[Conflict]]
    warnings: Callable[[Symbol, Settings, Account, AccountLimits], Iterator[str]]
    strategy: Callable[[Header, Mapping[Symbol, Settings]], Strategy]
    twins: tuple[str, str] | None = None


KINDS: Final[Mapping[str, Kind[Any]]] = {
    "hunter": Kind(HunterSettings, hunter_settings.conflicts, hunter_settings.warnings, hunter_settings.strategy),
    "ladder": Kind(
        LadderSettings,
        ladder_strategy.conflicts,
        ladder_strategy.warnings,
        ladder_strategy.strategy,
        twins=("layer1_size_pct", "first_step_pct"),
    ),
}
