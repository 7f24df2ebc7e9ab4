"""Documents as they decide: every setting of every symbol, defaults filled in."""

from collections.abc import Mapping
from typing import cast

from undertow.adapters.ssm import globals_file, strategy_file
from undertow.domain.json_text import Json


def globals_in_effect(text: str) -> Mapping[str, Json]:
    """Raises BadDocument."""
    return cast(Mapping[str, Json], globals_file.parse(text).model_dump())


def strategy_in_effect(text: str) -> Mapping[str, Json]:
    """``account``, ``enabled`` and ``symbols`` with all of their settings. Raises BadDocument."""
    strategy = strategy_file.parse(text)
    symbols = {symbol: settings.model_dump() for symbol, settings in strategy.effective.items()}
    return {"account": strategy.account, "enabled": strategy.enabled, "symbols": cast(Json, symbols)}
