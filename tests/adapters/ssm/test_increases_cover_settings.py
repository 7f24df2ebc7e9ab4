"""Whoever adds a setting says what change of it lets more be lost."""

from collections.abc import Iterator

from pydantic import BaseModel

from undertow.adapters.ssm.documents import (
    AccountSettings,
    AlertSettings,
    ExternalSettings,
    GlobalsFile,
    LimitSettings,
    RiskSettings,
    RouteSettings,
)
from undertow.adapters.ssm.kinds import KINDS
from undertow.risk.increases import RISKIER

STRUCTURES = {"accounts", "limits", "risk", "external_positions", "alerts", "routes"}


def names() -> Iterator[str]:
    documents: tuple[type[BaseModel], ...] = (
        GlobalsFile,
        AccountSettings,
        LimitSettings,
        RiskSettings,
        ExternalSettings,
        AlertSettings,
        RouteSettings,
    )
    for model in (*documents, *(kind.settings for kind in KINDS.values())):
        yield from model.model_fields


def test_every_setting_says_which_way_risk_grows() -> None:
    assert set(names()) - STRUCTURES - set(RISKIER) == set()


def test_nothing_is_said_of_settings_that_there_are_not() -> None:
    assert set(RISKIER) - set(names()) == {"account"}
