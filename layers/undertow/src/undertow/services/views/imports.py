"""How far the venue's history is imported, stream by stream."""

from typing import Literal

from typing_extensions import TypedDict

from undertow.domain.account import Account, Mode
from undertow.domain.ids import AccountId
from undertow.domain.imports import INCOME_STREAM, Checkpoint, trades_stream
from undertow.domain.times import utc_text
from undertow.services.read_books import complete_to_ms
from undertow.services.views.money import utc
from undertow.services.views.render import EpochMs
from undertow.services.views.sources import Sources

ImportedFrom = TypedDict("ImportedFrom", {"from": str | None, "from_ms": EpochMs | None})


class ImportStream(ImportedFrom):
    """``chunk`` of ``chunks`` are weeks of history done; ``remaining_ms`` is null while there is no pace yet."""

    stream: Literal["income", "trades"]
    symbol: str | None
    done_pct: int
    chunk: int
    chunks: int
    pages: int
    rows: int
    cursor: str | None
    cursor_ms: EpochMs | None
    caught_up: str | None
    caught_up_ms: EpochMs | None
    updated: str | None
    updated_ms: EpochMs | None
    remaining_ms: int | None
    error: str


class AccountImports(TypedDict):
    """``complete_to_ms`` is until when every stream has come; null before the first import."""

    account: str
    mode: Mode
    complete_to: str | None
    complete_to_ms: EpochMs | None
    streams: list[ImportStream]


class Imports(TypedDict):
    time: str
    time_ms: EpochMs
    accounts: list[AccountImports]


def imports(sources: Sources, only: AccountId | None) -> Imports:
    now_ms = sources.clock.now_ms()
    return {
        "time": utc_text(now_ms),
        "time_ms": now_ms,
        "accounts": [_account(sources, account, now_ms) for account in sources.accounts(only)],
    }


def _account(sources: Sources, account: Account, now_ms: int) -> AccountImports:
    streams = sources.kept.checkpoints.of_account(account.id)
    complete_ms = complete_to_ms(streams)
    return {
        "account": account.id,
        "mode": account.mode,
        "complete_to": utc(complete_ms),
        "complete_to_ms": complete_ms,
        "streams": [_stream(one, now_ms) for one in streams],
    }


def _stream(one: Checkpoint, now_ms: int) -> ImportStream:
    first_ms, cursor_ms = (one.from_ms, one.cursor_ms) if one.pages else (None, None)
    symbol = None if one.stream == INCOME_STREAM else one.stream.removeprefix(trades_stream(""))
    return {
        "stream": "income" if symbol is None else "trades",
        "symbol": symbol,
        "done_pct": one.done_pct,
        "chunk": one.chunk,
        "chunks": one.chunks,
        "pages": one.pages,
        "rows": one.rows,
        "from": utc(first_ms),
        "from_ms": first_ms,
        "cursor": utc(cursor_ms),
        "cursor_ms": cursor_ms,
        "caught_up": utc(one.caught_up_at_ms),
        "caught_up_ms": one.caught_up_at_ms,
        "updated": utc(one.updated_at_ms),
        "updated_ms": one.updated_at_ms,
        "remaining_ms": one.remaining_ms(now_ms),
        "error": one.error,
    }
