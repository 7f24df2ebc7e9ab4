"""Hands the stream worker the keys of its task role over HTTP, as Fargate does inside a task."""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.processes import LOOPBACK

Keys = dict[str, Any]
PATH = "/credentials"
SESSION_S = 3600


class TaskRole:
    """`assume` is STS's AssumeRole for the role; each request makes a session of an hour."""

    def __init__(self, assume: Callable[[], Keys]) -> None:
        self._token = secrets.token_urlsafe(24)
        self._server = ThreadingHTTPServer((LOOPBACK, 0), _handler(assume, self._token))
        self._thread = threading.Thread(target=self._server.serve_forever, name="task-role", daemon=True)
        self._thread.start()

    def environment(self) -> dict[str, str]:
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://{LOOPBACK}:{self._server.server_port}{PATH}",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": self._token,
        }

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(assume: Callable[[], Keys], token: str) -> type[BaseHTTPRequestHandler]:
    class Credentials(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = self.headers.get("Authorization", "")
            if self.path != PATH or not hmac.compare_digest(given, token):
                self.send_error(403)
                return
            body = json.dumps(_as_fargate_does(assume())).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the worker asks a few times an hour."""

    return Credentials


def _as_fargate_does(keys: Keys) -> dict[str, str]:
    expiration: datetime = keys["Expiration"]
    return {
        "AccessKeyId": keys["AccessKeyId"],
        "SecretAccessKey": keys["SecretAccessKey"],
        "Token": keys["SessionToken"],
        "Expiration": expiration.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
