"""What the desk is set up with: accounts, access tokens, alert routes. It shows no secret, because it can read none.

That an account's key works is told by what was read with it. What a key may do beside that, the venue does not say.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from typing_extensions import TypedDict

from undertow.domain.account import Account, Mode
from undertow.domain.alert import TRIAL, Alert
from undertow.ports import AlertRoute, Token
from undertow.services.carry_out_trial import BY, FAILED, asked_ms
from undertow.services.views.sources import Sources

MOST_ALERTS: Final = 500
MOST_ACTIONS: Final = 500
_REFUSED: Final = "route_refused#"
_SPAN_MS: Final = 30 * 24 * 3_600_000


class AccountSetup(TypedDict):
    """``needs_key`` is false where nothing is sent. ``key_answered_ms`` is when the venue last answered to it."""

    account: str
    venue: str
    mode: str
    position_mode: str
    multi_assets: bool
    needs_key: bool
    key_answered_ms: int | None


class Listening(TypedDict):
    """Of the worker that was heard last: with the key for listening, which can place no order."""

    renewed_ms: int | None
    heard_ms: int | None


class TokenSetup(TypedDict):
    """``last_action_ms`` is when it last changed something, as far as the last 500 actions tell.

    ``last_used_ms`` is when it was last let in, give or take ten minutes.
    """

    id: str
    scopes: list[str]
    state: str
    created_ms: int
    expires_ms: int
    revoked_ms: int | None
    last_action_ms: int | None
    last_used_ms: int | None


class RouteTested(TypedDict):
    """The last test that somebody asked for, and what came of it: ``trouble`` is empty unless it failed."""

    asked_ms: int
    by: str
    outcome: Literal["under_way", "took", "failed"]
    trouble: str


class RouteSetup(TypedDict):
    """``told_ms`` is the latest alert of 30 days that it took, ``trouble`` why it refuses them, or empty."""

    name: str
    kind: str
    levels: list[str]
    told_ms: int | None
    trouble: str
    tested: RouteTested | None


class AlertSetup(TypedDict):
    """An alert that goes on is told again after so long, unless somebody acknowledged it."""

    routes: list[RouteSetup]
    critical_again_ms: int
    high_again_ms: int
    dead_man: bool


class Setup(TypedDict):
    time_ms: int
    globals_version: str
    accounts: list[AccountSetup]
    listening: Listening
    tokens: list[TokenSetup]
    alerts: AlertSetup


def setup(sources: Sources, tokens: Sequence[Token]) -> Setup:
    now_ms, current = sources.clock.now_ms(), sources.params.current().globals
    policy = current.alerts
    return {
        "time_ms": now_ms,
        "globals_version": current.version,
        "accounts": [_account(sources, account) for account in sources.accounts(None)],
        "listening": _listening(sources),
        "tokens": _tokens(sources, tokens, now_ms),
        "alerts": {
            "routes": _routes(sources, policy.routes, now_ms),
            "critical_again_ms": policy.repetition.critical_ms,
            "high_again_ms": policy.repetition.high_ms,
            "dead_man": policy.dead_man,
        },
    }


def _account(sources: Sources, account: Account) -> AccountSetup:
    """Balances are read at the venue with the account's key, and nowhere else."""
    balance = sources.kept.balances.latest(account.id)
    signs = account.mode is not Mode.SIMULATE
    return {
        "account": account.id,
        "venue": account.venue.value,
        "mode": account.mode.value,
        "position_mode": account.position_mode.value,
        "multi_assets": account.multi_assets,
        "needs_key": signs,
        "key_answered_ms": balance.time_ms if signs and balance is not None else None,
    }


def _listening(sources: Sources) -> Listening:
    latest = max(sources.kept.heartbeats.all(), key=lambda beat: beat.time_ms, default=None)
    if latest is None:
        return {"renewed_ms": None, "heard_ms": None}
    return {"renewed_ms": latest.listen_key_renewed_at_ms, "heard_ms": latest.last_user_event_ms}


def _tokens(sources: Sources, tokens: Sequence[Token], now_ms: int) -> list[TokenSetup]:
    """Those that are valid first, the newest of them on top."""
    acted: dict[str, int] = {}
    for row in sources.kept.audit.recent(0, now_ms, MOST_ACTIONS):
        acted.setdefault(row.by, row.time_ms)
    newest = sorted(tokens, key=lambda token: (not token.is_valid(now_ms), -token.created_at_ms, token.id))
    used = sources.kept.uses.last()
    return [_token(token, acted, used, now_ms) for token in newest]


def _token(token: Token, acted: Mapping[str, int], used: Mapping[str, int], now_ms: int) -> TokenSetup:
    valid, revoked = token.is_valid(now_ms), token.revoked_at_ms is not None
    return {
        "id": token.id,
        "scopes": sorted(token.scopes),
        "state": "valid" if valid else "revoked" if revoked else "expired",
        "created_ms": token.created_at_ms,
        "expires_ms": token.expires_at_ms,
        "revoked_ms": token.revoked_at_ms,
        "last_action_ms": acted.get(f"token {token.id}"),
        "last_used_ms": used.get(f"token {token.id}"),
    }


def _routes(sources: Sources, routes: Sequence[AlertRoute], now_ms: int) -> list[RouteSetup]:
    recent = sources.kept.alerts.recent(now_ms - _SPAN_MS, now_ms, MOST_ALERTS)
    refusals = {alert.key: alert for alert in sources.kept.alerts.open()}
    return [
        {
            "name": route.name,
            "kind": route.kind.value,
            "levels": sorted(level.value for level in route.levels),
            "told_ms": _told_ms(route.name, recent),
            "trouble": _trouble(refusals.get(f"{_REFUSED}{route.name}")),
            "tested": _tested(route.name, sources.kept.alerts.latest(f"{TRIAL}{route.name}")),
        }
        for route in routes
    ]


def _told_ms(route: str, alerts: Sequence[Alert]) -> int | None:
    return max((alert.delivered[route] for alert in alerts if alert.heard_of(route)), default=None)


def _tested(route: str, kept: Alert | None) -> RouteTested | None:
    if kept is None:
        return None
    took = kept.heard_of(route)
    return {
        "asked_ms": asked_ms(kept),
        "by": kept.facts.get(BY, ""),
        "outcome": "under_way" if kept.is_open else "took" if took else "failed",
        "trouble": "" if kept.is_open or took else kept.resolution.removeprefix(FAILED),
    }


def _trouble(refusal: Alert | None) -> str:
    return "" if refusal is None else refusal.facts.get("cause", refusal.message)
