"""The dashboard over an example desk, on loopback: ``python -m tests.browser.preview --port 18400``.

Everything but the gateway and the tables is the product's own: the API, the strategies, the order path, the built page.
"""

import argparse
import logging
import sys
import time
from pathlib import Path
from threading import Lock, Thread
from typing import Final

from tests.browser.example import Example
from tests.browser.gateway import STAGE, Gateway, serve
from tests.browser.live_socket import LiveSocket

from undertow.api.app import create_app

PAGE: Final = Path(__file__).parents[2] / "functions" / "api" / "page"
STEP_S: Final = 0.1


class Preview:
    """An example that runs on with the clock on the wall, and its door. ``port`` 0 takes any that is free."""

    def __init__(self, port: int = 0, minutes: int = 90, page: Path = PAGE) -> None:
        self.held = Lock()
        self.example = Example(time.time_ns() // 1_000_000, minutes)
        console, store = self.example.console, self.example.simulation.universe.store
        self._live = LiveSocket(store, console.sources, self.example.tokens, self.held)
        app = create_app(lambda: self.example.console, page, self._live.url)
        self._server = serve(Gateway(app, self.example.tokens, self.held), port)
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/{STAGE}/"
        self._door = Thread(target=self._server.serve_forever, daemon=True)
        self._stopped = False

    def token(self, *scopes: str) -> str:
        with self.held:
            return self.example.tokens.create(frozenset(scopes), days=1)[1]

    def open(self) -> None:
        self._door.start()
        self._live.open()

    def run(self) -> None:
        """Let time pass until stopped. In the thread that made the example: its runs are greenlets of that thread."""
        while not self._stopped:
            with self.held:
                self.example.run_until(time.time_ns() // 1_000_000)
                self._live.tell()
            time.sleep(STEP_S)

    def stop(self) -> None:
        self._stopped = True
        self._server.shutdown()
        self._server.server_close()
        self._live.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.preview", description=__doc__)
    parser.add_argument("--port", type=int, default=18400)
    parser.add_argument("--minutes", type=int, default=90, help="of history before now")
    given = parser.parse_args()
    logging.disable(logging.ERROR)
    preview = Preview(given.port, given.minutes)
    preview.open()
    sys.stdout.write(f"all scopes  {preview.url}#token={preview.token('read', 'pause', 'write')}\n")
    sys.stdout.write(f"read only   {preview.url}#token={preview.token('read')}\n")
    sys.stdout.flush()
    try:
        preview.run()
    except KeyboardInterrupt:
        preview.stop()


if __name__ == "__main__":
    main()
