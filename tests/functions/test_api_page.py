"""The page is served as it was built: the document fresh each time, its assets for good, and nothing beside them."""

from pathlib import Path

import pytest
from tests.functions.api_caller import ApiCaller
from tests.functions.conftest import PAGE

from undertow.api.app import create_app
from undertow.api.headers import security_headers
from undertow.services.console import Console

SCRIPT = "index-B7xq0aZk.js"


def no_console() -> Console:
    raise AssertionError("the page was served with data")


@pytest.fixture
def page() -> ApiCaller:
    return ApiCaller(create_app(no_console, PAGE), scopes=None)


def test_the_document_is_asked_for_each_time(page: ApiCaller) -> None:
    answer = page.get("/")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert SCRIPT in answer.text


@pytest.mark.parametrize(
    ("name", "content_type"),
    [(SCRIPT, "text/javascript; charset=utf-8"), ("index-Dk3_fW1p.css", "text/css; charset=utf-8")],
)
def test_an_asset_is_kept_by_browsers_for_a_year(page: ApiCaller, name: str, content_type: str) -> None:
    answer = page.get(f"/assets/{name}", resource="/assets/{name}")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.text == (PAGE / "assets" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "../index.html",
        "../beside.txt",
        "..%2Findex.html",
        "..\\index.html",
        "/etc/passwd",
        "....//index.html",
        ".",
        "..",
        "index-B7xq0aZk.js\x00.css",
        "%2e%2e%2findex.html",
        "index-B7xq0aZk",
        "INDEX-B7XQ0AZK.JS",
        "handler.py",
    ],
)
def test_nothing_is_served_but_the_assets_that_the_build_made(console: Console, name: str) -> None:
    page = ApiCaller(create_app(lambda: console, PAGE), extra={"pathParameters": {"name": name}})
    answer = page.get("/assets/any", resource="/assets/{name}")
    assert (answer.status, answer.json["code"]) == (404, "no_such_asset")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_page_that_was_not_built_says_what_to_do(tmp_path: Path) -> None:
    api = ApiCaller(create_app(no_console, tmp_path / "page"), scopes=None)
    answer = api.get("/")
    assert (answer.status, answer.json["code"]) == (503, "page_not_built")
    assert "make dashboard" in answer.json["detail"]
    assert api.get("/assets/index.js", resource="/assets/{name}").status == 404


def test_a_file_that_is_no_text_of_a_page_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "assets" / "folder.js").mkdir(parents=True)
    (tmp_path / "assets" / "keys.pem").write_text("private")
    api = ApiCaller(create_app(no_console, tmp_path), scopes=None)
    for name in ("folder.js", "keys.pem"):
        assert api.get(f"/assets/{name}", resource="/assets/{name}").status == 404


def test_the_page_may_connect_to_its_own_api_and_to_the_socket_of_live_events_only() -> None:
    assert "connect-src 'self';" in security_headers("")["Content-Security-Policy"]
    policy = security_headers("wss://abc.execute-api.eu-west-1.amazonaws.com/live")["Content-Security-Policy"]
    assert "connect-src 'self' wss://abc.execute-api.eu-west-1.amazonaws.com;" in policy
    local = security_headers("ws://127.0.0.1:4566/x")["Content-Security-Policy"]
    assert "connect-src 'self' ws://127.0.0.1:4566;" in local


@pytest.mark.parametrize(
    "address",
    ["https://elsewhere", "*", "wss://", "wss://a;script-src *", "wss://a b", "wss://user@host/x", "host/live"],
)
def test_a_policy_is_not_put_together_of_what_is_no_address_of_a_socket(address: str) -> None:
    with pytest.raises(ValueError, match="no address of a socket"):
        security_headers(address)


def test_the_policy_lets_fonts_come_from_the_style_sheets_themselves() -> None:
    assert "font-src 'self' data:;" in security_headers("")["Content-Security-Policy"]
