"""How far the venue's history is imported, stream by stream."""

from undertow.domain.account import Account
from undertow.domain.ids import AccountId
from undertow.domain.imports import INCOME_STREAM, Checkpoint, trades_stream
from undertow.domain.json_text import Json
from undertow.services.read_books import complete_to_ms
from undertow.services.views.money import moment
from undertow.services.views.sources import Sources


def imports(sources: Sources, only: AccountId | None) -> dict[str, Json]:
    now_ms = sources.clock.now_ms()
    return {
        **moment("time", now_ms),
        "accounts": [_account(sources, account, now_ms) for account in sources.accounts(only)],
    }


def _account(sources: Sources, account: Account, now_ms: int) -> dict[str, Json]:
    """``complete_to_ms`` is until when every stream has come; null before the first import."""
    streams = sources.kept.checkpoints.of_account(account.id)
    return {
        "account": account.id,
        "mode": account.mode.value,
        **moment("complete_to", complete_to_ms(streams)),
        "streams": [_stream(one, now_ms) for one in streams],
    }


def _stream(one: Checkpoint, now_ms: int) -> dict[str, Json]:
    """``chunk`` of ``chunks`` are weeks of history done; ``remaining_ms`` is null while there is no pace yet."""
    symbol = None if one.stream == INCOME_STREAM else one.stream.removeprefix(trades_stream(""))
    return {
        "stream": "income" if symbol is None else "trades",
        "symbol": symbol,
        "done_pct": one.done_pct,
        "chunk": one.chunk,
        "chunks": one.chunks,
        "pages": one.pages,
        "rows": one.rows,
        **moment("from", one.from_ms if one.pages else None),
        **moment("cursor", one.cursor_ms if one.pages else None),
        **moment("caught_up", one.caught_up_at_ms),
        **moment("updated", one.updated_at_ms),
        "remaining_ms": one.remaining_ms(now_ms),
        "error": one.error,
    }
