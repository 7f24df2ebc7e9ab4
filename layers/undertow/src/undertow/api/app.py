"""The Chalice application: every route of the table bound to its answer, every answer dressed the same way."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, cast

from chalice.app import Chalice, Request, Response

from undertow.api.answers import ANSWERS
from undertow.api.call import Call, Download
from undertow.api.given import Given, from_body
from undertow.api.problems import KNOWN_FAILURES, Problem, problem_of
from undertow.api.public_answers import PUBLIC
from undertow.api.routes import ROUTES, VERSIONED, Route
from undertow.domain.json_text import Json, write_json
from undertow.services.console import Console

MOST_BYTES: Final = 16_384
"""A body is a handful of settings; whatever is larger is no mistake of a person."""
MOST_DOCUMENT_BYTES: Final = 262_144
"""A whole strategy names hundreds of symbols."""
DOCUMENTS: Final = frozenset({"apply_strategy", "validate_strategy"})

ASSETS: Final = {
    "page": ("index.html", "text/html; charset=utf-8"),
    "script": ("app.js", "text/javascript; charset=utf-8"),
    "style": ("style.css", "text/css; charset=utf-8"),
}

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
    ),
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def create_app(console: Callable[[], Console], page: Path) -> Chalice:
    """``console`` is called once, at the first request that needs it; ``page`` is the folder of the static files."""
    # Chalice would take the logger of that name for its own and silence it: ours is called so.
    app = Chalice(app_name="undertow-api", configure_logs=False)
    opened: list[Console] = []

    def opened_console() -> Console:
        if not opened:
            opened.append(console())
        return opened[0]

    for route in ROUTES:
        serve = _public(page, route) if route.scope is None else _data(app, route, opened_console)
        app.route(route.path, methods=[route.method], name=route.name)(serve)
    app.register_middleware(_dressed, "http")
    return app


def _public(page: Path, route: Route) -> Callable[[], Response]:
    """What anybody may fetch: it is made without the console, so that no stranger opens a table."""
    if route.name in PUBLIC:
        return lambda: _json(PUBLIC[route.name]())
    name, content_type = ASSETS[route.name]

    def serve() -> Response:
        # Only texts: an API that would have to decode binary answers is configured differently.
        return Response((page / name).read_text(encoding="utf-8"), {"Content-Type": content_type})

    return serve


def _data(app: Chalice, route: Route, console: Callable[[], Console]) -> Callable[..., Response]:
    answer = ANSWERS[route.name]

    def serve(**path: str) -> Response:
        request = app.current_request
        if request is None:
            raise RuntimeError("a route is only ever served for a request")
        try:
            by = _caller(request, route)
            call = Call(by, _given(request, route), path, request.headers.get("if-match"))
            answered = answer(console(), call)
            if isinstance(answered, Download):
                return _download(answered)
            return _json(answered, tagged=route.name in VERSIONED)
        except Problem as problem:
            return _problem(problem)
        except KNOWN_FAILURES as error:
            return _problem(problem_of(error))

    return serve


def _caller(request: Request, route: Route) -> str:
    """Who calls. The gateway asked the authoriser already; a route that was wired without one is refused here."""
    if route.scope is None:
        raise RuntimeError(f"{route.path} is for anybody and has no caller")
    authorizer: Mapping[str, Any] = request.context.get("authorizer") or {}
    if route.scope.value not in str(authorizer.get("scopes", "")).split():
        raise Problem(
            403, "scope_missing", "Not allowed", f"this call needs a token with the scope {route.scope.value}"
        )
    return f"token {authorizer.get('principalId', '')}"


def _given(request: Request, route: Route) -> Given:
    if request.method == "GET":
        query = request.query_params
        return Given({} if query is None else dict(query.items()))
    body = request.raw_body
    most = MOST_DOCUMENT_BYTES if route.name in DOCUMENTS else MOST_BYTES
    if len(body) > most:
        raise Problem(413, "too_large", "Too large", f"a body has at most {most} bytes")
    try:
        text = body if isinstance(body, str) else body.decode()
    except UnicodeDecodeError as error:
        raise Problem(400, "bad_request", "Not understood", "the body is not UTF-8") from error
    return from_body(text or "{}")


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


def _dressed(event: Any, get_response: Callable[[Any], Response]) -> Response:
    """Security headers on everything, and Chalice's own errors in the same form as ours."""
    response = get_response(event)
    if isinstance(response.body, Mapping) and "Code" in response.body:
        status = response.status_code
        code = "internal_error" if status >= 500 else "bad_request"
        response = _problem(Problem(status, code, str(response.body["Code"]), str(response.body["Message"])))
    response.headers = {**HEADERS, **response.headers}
    return response
