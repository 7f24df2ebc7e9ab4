"""Every parameter with its unit, range, default and meaning, as the documents themselves declare them."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from undertow.adapters.ssm.documents import (
    AccountSettings,
    AlertSettings,
    ExternalSettings,
    GlobalsFile,
    LimitSettings,
    RiskSettings,
    RouteSettings,
    StrategyFile,
)
from undertow.adapters.ssm.entry_settings import EntrySettings
from undertow.adapters.ssm.fields import as_json, details
from undertow.adapters.ssm.hunter_settings import HunterSettings
from undertow.adapters.ssm.ladder_settings import LadderSettings
from undertow.domain.json_text import write_json
from undertow.domain.numbers import plain


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    unit: str
    allowed: str
    default: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    entries: tuple[Entry, ...]


def _entries(model: type[BaseModel], prefix: str, beside: frozenset[str]) -> Iterator[Entry]:
    for name, field in model.model_fields.items():
        if name in beside:
            continue
        facts = details(field)
        yield Entry(f"{prefix}{name}", facts["unit"], facts["allowed"], _default(field), field.description or "")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    match field.default:
        case None:
            return "none"
        case BaseModel():
            return "as its fields"
        case Decimal() as value:
            return plain(value)
        case StrEnum() as value:
            return value.value
        case str() as value:
            return value
        case value:
            return write_json(as_json(value))


def _section(title: str, model: type[BaseModel], prefix: str = "", beside: frozenset[str] = frozenset()) -> Section:
    """``beside`` are fields that another section tells of."""
    return Section(title, tuple(_entries(model, prefix, beside)))


_SHARED: Final = frozenset(EntrySettings.model_fields)

CATALOGUE: Final = (
    _section("A strategy file", StrategyFile),
    _section("Settings of every strategy, in base and by symbol", EntrySettings),
    _section("Settings of the hunter, beside those of every strategy", HunterSettings, beside=_SHARED),
    _section("Settings of the ladder, beside those of every strategy", LadderSettings, beside=_SHARED),
    _section("Globals", GlobalsFile),
    _section("An account of the globals", AccountSettings, "accounts.NAME."),
    _section("Limits of an account", LimitSettings, "accounts.NAME.limits."),
    _section("What the gate and the monitor of an account compare with", RiskSettings, "accounts.NAME.risk."),
    _section("Positions opened by somebody else", ExternalSettings, "external_positions."),
    _section("Alerts", AlertSettings, "alerts."),
    _section("A route of alerts", RouteSettings, "alerts.routes.NAME."),
)
