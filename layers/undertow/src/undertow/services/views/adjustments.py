"""What people entered into the books, revoked entries too."""

from undertow.domain.adjustment import Adjustment
from undertow.domain.ids import AccountId
from undertow.domain.json_text import Json
from undertow.domain.numbers import plain
from undertow.services.views.money import moment
from undertow.services.views.sources import Sources


def adjustments(sources: Sources, only: AccountId | None) -> dict[str, Json]:
    """Oldest first."""
    return {
        **moment("time", sources.clock.now_ms()),
        "adjustments": [
            adjustment_row(one)
            for account in sources.accounts(only)
            for one in sources.kept.adjustments.of_account(account.id)
        ],
    }


def adjustment_row(one: Adjustment) -> dict[str, Json]:
    return {
        "id": one.id,
        "account": one.account,
        "kind": one.kind.value,
        "amount": plain(one.amount),
        **moment("at", one.time_ms),
        "note": one.note,
        "by": one.by,
        **moment("created_at", one.created_at_ms),
        **moment("revoked_at", one.revoked_at_ms),
        "revoked_by": one.revoked_by or None,
    }
