"""Imports every module of the package and tells, by exit code and on stderr, what an import did besides.

A program of its own, because what was imported before cannot be watched any more.
"""

import os
import sys
import threading
from importlib import import_module
from pkgutil import walk_packages
from typing import Final

FORBIDDEN: Final = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.mkdir",
    "os.posix_spawn",
    "os.putenv",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.spawn",
    "os.system",
    "shutil.",
    "sqlite3.",
    "tempfile.",
)
HARMLESS: Final = frozenset({"socket.__new__", "socket.gethostname"})
IPV6_PROBE: Final = ("::1", 0)
"""urllib3 finds out whether there is IPv6 by binding a socket to any port of the loopback, and closes it."""


class Watch:
    """Notes what happens while ``importing`` is set."""

    def __init__(self) -> None:
        self.importing = ""
        self.noticed: list[str] = []

    def audit(self, event: str, details: tuple[object, ...]) -> None:
        writes = event == "open" and isinstance(details[1], str) and set(details[1]) & set("wax+")
        probes = event in HARMLESS or (event == "socket.bind" and details[1] == IPV6_PROBE)
        if self.importing and (writes or (event.startswith(FORBIDDEN) and not probes)):
            self.notice(f"{event} {details!r}")

    def notice(self, what: str) -> None:
        self.noticed.append(f"while importing {self.importing}: {what}")


WATCH: Final = Watch()


class WatchedEnvironment(type(os.environ)):  # type: ignore[misc]  # the class has no public name
    """Notes who asks for a variable. Libraries may; this project reads its settings when it is told to."""

    def __getitem__(self, key: str) -> str:
        frame = sys._getframe(1)
        while frame.f_globals.get("__name__") in ("os", "collections.abc") and frame.f_back is not None:
            frame = frame.f_back
        asking = str(frame.f_globals.get("__name__"))
        if asking.split(".")[0] == "undertow":
            WATCH.notice(f"{asking} asked for the variable {key}")
        value: str = super().__getitem__(key)
        return value


def main() -> int:
    sys.addaudithook(WATCH.audit)
    os.environ.__class__ = WatchedEnvironment
    package = import_module("undertow")
    modules = [found.name for found in walk_packages(package.__path__, "undertow.")]
    for module in modules:
        WATCH.importing = module
        import_module(module)
    WATCH.importing = ""
    started = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    for what in [*WATCH.noticed, *(f"a thread was started: {name}" for name in started)]:
        sys.stderr.write(f"{what}\n")
    sys.stdout.write(f"{len(modules)}\n")
    return 1 if WATCH.noticed or started else 0


if __name__ == "__main__":
    sys.exit(main())
