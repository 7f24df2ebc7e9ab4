"""Trade sessions: to start fresh archives the open one and opens the next. Nothing is ever deleted."""

from collections.abc import Sequence
from dataclasses import dataclass

from undertow.domain.ids import AccountId, StrategyId, digest_of
from undertow.domain.json_text import read_object, write_json
from undertow.domain.session import SessionId, TradeSession
from undertow.ports import Audit, AuditRow, Clock, DocumentMissing, Documents, Sessions


class SessionMoved(Exception):
    """Somebody else started the strategy fresh at the same moment: look again."""


@dataclass(frozen=True, slots=True)
class TradeSessions:
    """A session's id follows from the one before it, so two people who open the next one ask for the same."""

    sessions: Sessions
    documents: Documents
    audit: Audit
    clock: Clock

    def of(self, account: AccountId) -> Sequence[TradeSession]:
        """Newest first, archived ones too."""
        return self.sessions.of_account(account)

    def session_at(self, account: AccountId, strategy: StrategyId, moment_ms: int) -> TradeSession | None:
        """The session that a position of ``strategy`` opened then belongs to."""
        return next((session for session in self._of(account, strategy) if session.holds(moment_ms)), None)

    def ensure_open(self, account: AccountId, strategy: StrategyId, by: str) -> None:
        """The first session of a strategy that is being stored; one that has an open session keeps it."""
        newest = self._newest(account, strategy)
        if newest is None or not newest.is_open:
            # Whether somebody else was faster does not matter: then it is open.
            self.sessions.add(self._next(account, strategy, newest, by, ""))

    def start_fresh(
        self, account: AccountId, strategy: StrategyId, by: str, note: str = ""
    ) -> tuple[TradeSession | None, TradeSession]:
        """What was archived, if there was anything, and what was opened. Positions stay what and where they are.

        Raises DocumentMissing when no such strategy trades on ``account``, SessionMoved when somebody was faster.
        """
        self._require(account, strategy)
        archived = self._newest(account, strategy)
        if archived is not None and archived.is_open:
            archived = archived.archived(by, self.clock.now_ms())
            if not self.sessions.update(archived):
                raise SessionMoved(f"somebody else started {strategy} fresh at the same moment")
        opened = self._next(account, strategy, archived, by, note)
        if not self.sessions.add(opened):
            raise SessionMoved(f"somebody else opened a session of {strategy} at the same moment")
        self._record(archived, opened)
        return archived, opened

    def _next(
        self, account: AccountId, strategy: StrategyId, before: TradeSession | None, by: str, note: str
    ) -> TradeSession:
        """It begins where the one before it ended, also if that was archived by an attempt that then broke off."""
        ended_at_ms = None if before is None else before.archived_at_ms
        return TradeSession(
            id=SessionId(digest_of("session", account, strategy, "" if before is None else before.id)),
            account=account,
            strategy=strategy,
            opened_at_ms=self.clock.now_ms() if ended_at_ms is None else ended_at_ms,
            opened_by=by,
            note=note,
            version=1,
        )

    def _of(self, account: AccountId, strategy: StrategyId) -> list[TradeSession]:
        return [session for session in self.of(account) if session.strategy == strategy]

    def _newest(self, account: AccountId, strategy: StrategyId) -> TradeSession | None:
        """The open one, else the last one that was archived."""
        found = self._of(account, strategy)
        return next((session for session in found if session.is_open), found[0] if found else None)

    def _require(self, account: AccountId, strategy: StrategyId) -> None:
        document = self.documents.strategy(strategy)
        if document is None:
            raise DocumentMissing(f"there is no strategy {strategy}: create one with `undertow strategy apply FILE`")
        trades_on = read_object(document.text)["account"]
        if trades_on != account:
            raise DocumentMissing(f"strategy {strategy} trades on {trades_on}, not on {account}")

    def _record(self, archived: TradeSession | None, opened: TradeSession) -> None:
        self.audit.append(
            AuditRow(
                time_ms=self.clock.now_ms(),
                by=opened.opened_by,
                action="session:start-fresh",
                subject=opened.strategy,
                before="" if archived is None else write_json({"session": archived.id}),
                after=write_json({"session": opened.id, "note": opened.note}),
            )
        )
