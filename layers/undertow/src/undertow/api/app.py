"""The Chalice application: every route of the table bound to its answer, every answer dressed the same way."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

from chalice.app import Chalice, Request, Response

from undertow.api.answers import ANSWERS
from undertow.api.call import Call, Door, Download, EventStream
from undertow.api.given import Given, from_body
from undertow.api.headers import security_headers
from undertow.api.once import HEADER, act_once, read_key
from undertow.api.page import page_files
from undertow.api.problems import KNOWN_FAILURES, Problem, problem_of
from undertow.api.public_answers import PUBLIC
from undertow.api.routes import ROUTES, VERSIONED, Route
from undertow.api.sightings import Sightings
from undertow.domain.json_text import Json, write_json
from undertow.services.console import Console

MOST_BYTES: Final = 16_384
"""A body is a handful of settings; whatever is larger is no mistake of a person."""
MOST_DOCUMENT_BYTES: Final = 262_144
"""A whole strategy names hundreds of symbols."""
PERSON: Final = "user:"
"""What the principal of a person of a user pool begins with; others are tokens."""
DOCUMENTS: Final = frozenset(
    {"apply_strategy", "validate_strategy", "preview_draft", "validate_globals", "write_config"}
)


def create_app(
    console: Callable[[], Console], page: Path, live_url: str = "", wait: Callable[[float], None] | None = None
) -> Chalice:
    """``console`` is called once, at the first request that needs it; ``page`` is the folder of the static files.

    ``live_url`` is the address of the socket of live events, which the page may then connect to. ``wait`` waits for so
    many seconds, for news that a stream of events has not yet.
    """
    # Chalice would take the logger of that name for its own and silence it: ours is called so.
    app = Chalice(app_name="undertow-api", configure_logs=False)
    opened: list[Console] = []

    def opened_console() -> Console:
        if not opened:
            opened.append(console())
        return opened[0]

    files = page_files(page)
    sightings, door = Sightings(), Door(live_url=live_url, wait=wait)
    for route in ROUTES:
        serve = _public(files, route) if route.scope is None else _data(app, route, opened_console, sightings, door)
        app.route(route.path, methods=[route.method], name=route.name)(serve)
    app.register_middleware(_dressed(security_headers(live_url)), "http")
    return app


def _public(files: Mapping[str, Callable[..., Response]], route: Route) -> Callable[..., Response]:
    """What anybody may fetch: it is made without the console, so that no stranger opens a table."""
    if route.name in PUBLIC:
        return lambda: _json(PUBLIC[route.name]())
    file = files[route.name]

    def serve(**path: str) -> Response:
        try:
            return file(**path)
        except Problem as problem:
            return _problem(problem)

    return serve


def _data(
    app: Chalice, route: Route, console: Callable[[], Console], sightings: Sightings, door: Door
) -> Callable[..., Response]:
    answer = ANSWERS[route.name]

    def serve(**path: str) -> Response:
        request = app.current_request
        if request is None:
            raise RuntimeError("a route is only ever served for a request")
        try:
            by, key = _caller(request, route), read_key(route, request.headers.get(HEADER))
            sent = _body(request, route)
            call = Call(
                by,
                _given(request, sent),
                path,
                request.headers.get("if-match"),
                key,
                _came_through(door, request),
                request.headers.get("last-event-id"),
            )
            sightings.note(console(), by)
            return act_once(console(), route, call, sent, lambda: _answered(route, answer(console(), call)))
        except Problem as problem:
            return _problem(problem)
        except KNOWN_FAILURES as error:
            return _problem(problem_of(error))

    return serve


def _answered(route: Route, answered: Mapping[str, object] | Download | EventStream) -> Response:
    if isinstance(answered, EventStream):
        return Response(answered.text, {"Content-Type": "text/event-stream"})
    if isinstance(answered, Download):
        return _download(answered)
    return _json(answered, tagged=route.name in VERSIONED)


def _caller(request: Request, route: Route) -> str:
    """Who calls. The gateway asked the authoriser already; a route that was wired without one is refused here."""
    if route.scope is None:
        raise RuntimeError(f"{route.path} is for anybody and has no caller")
    authorizer: Mapping[str, Any] = request.context.get("authorizer") or {}
    if route.scope.value not in str(authorizer.get("scopes", "")).split():
        raise Problem(
            403, "scope_missing", "Not allowed", f"this call needs a token with the scope {route.scope.value}"
        )
    principal = str(authorizer.get("principalId", ""))
    return principal.replace(PERSON, "user ", 1) if principal.startswith(PERSON) else f"token {principal}"


def _came_through(door: Door, request: Request) -> Door:
    authorizer: Mapping[str, Any] = request.context.get("authorizer") or {}
    scopes = frozenset(str(authorizer.get("scopes", "")).split())
    return replace(door, stage=str(request.context.get("stage", "")), scopes=scopes)


def _given(request: Request, sent: str) -> Given:
    if request.method == "GET":
        query = request.query_params
        return Given({} if query is None else dict(query.items()))
    return from_body(sent or "{}")


def _body(request: Request, route: Route) -> str:
    body = request.raw_body
    most = MOST_DOCUMENT_BYTES if route.name in DOCUMENTS else MOST_BYTES
    if len(body) > most:
        raise Problem(413, "too_large", "Too large", f"a body has at most {most} bytes")
    try:
        return body if isinstance(body, str) else body.decode()
    except UnicodeDecodeError as error:
        raise Problem(400, "bad_request", "Not understood", "the body is not UTF-8") from error


def _json(body: Mapping[str, object], tagged: bool = False) -> Response:
    tag = {"ETag": f'"{body["version"]}"'} if tagged else {}
    return Response(_text(body), {"Content-Type": "application/json", **tag})


def _text(body: Mapping[str, object]) -> str:
    """The types of the views say what is in an answer; that they hold nothing but JSON is tested of every route."""
    return write_json(cast(Json, body))


def _download(file: Download) -> Response:
    named = {"Content-Type": file.content_type, "Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.text, {**named, **file.headers})


def _problem(problem: Problem) -> Response:
    return Response(_text(problem.body), {"Content-Type": "application/problem+json"}, problem.status)


def _of_chalice(status: int, body: Mapping[str, Any]) -> Problem:
    if status in (404, 405):
        return Problem(404, "no_such_route", "Not there", "There is no such address, or not with this method.")
    code = "internal_error" if status >= 500 else "bad_request"
    return Problem(status, code, str(body["Code"]), str(body["Message"]))


def _dressed(headers: Mapping[str, str]) -> Callable[[Any, Callable[[Any], Response]], Response]:
    """Security headers on everything, and Chalice's own errors in the same form as ours."""

    def dress(event: Any, get_response: Callable[[Any], Response]) -> Response:
        response = get_response(event)
        if isinstance(response.body, Mapping) and "Code" in response.body:
            response = _problem(_of_chalice(response.status_code, response.body))
        response.headers = {**headers, **response.headers}
        return response

    return dress
