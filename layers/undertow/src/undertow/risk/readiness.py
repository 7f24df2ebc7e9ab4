"""Whether a symbol stands at the venue as the strategy wants it: mode, margin type and leverage, read back."""

from typing import Final

from undertow.domain.account import Account, MarginType, Readiness
from undertow.risk.approval import Refusal

MAX_READINESS_AGE_MS: Final = 24 * 3_600_000


def unready(
    readiness: Readiness | None, account: Account, leverage: int, margin_type: MarginType, now_ms: int
) -> Refusal | None:
    """None when the symbol is ready, else what differs. Multi-assets accounts hold every position cross."""
    if readiness is None:
        return Refusal("readiness", "mode, margin type and leverage were not read back from the venue yet")
    expected_margin = MarginType.CROSS if account.multi_assets else margin_type
    wanted = {
        "position_mode": account.position_mode.value,
        "multi_assets": str(account.multi_assets).lower(),
        "margin_type": expected_margin.value,
        "leverage": str(leverage),
    }
    found = {
        "position_mode": readiness.position_mode.value,
        "multi_assets": str(readiness.multi_assets).lower(),
        "margin_type": readiness.margin_type.value,
        "leverage": str(readiness.leverage),
    }
    if found != wanted:
        return Refusal("readiness", "the venue is not set up as the strategy wants it", found, wanted)
    age_ms = now_ms - readiness.verified_at_ms
    if age_ms > MAX_READINESS_AGE_MS:
        limits = {"max_age_ms": str(MAX_READINESS_AGE_MS)}
        return Refusal("readiness", "mode and leverage were not verified for a day", {"age_ms": str(age_ms)}, limits)
    return None
