"""The bad network itself, between a client and an echo on loopback."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from random import Random
from urllib.parse import urlsplit

import pytest
from tests.chaos.shim import LOOPBACK, Kind, Lane, Shim
from tests.chaos.troubles import FunctionDies, NetworkTrouble, WorkerEnds, drawn

PATIENCE_S = 20.0
"""How long something that must happen may take on a slow machine."""
SILENCE_S = 0.2
"""How long nothing must arrive; more would show no more."""


class Echo:
    """Sends back what it is sent, on any number of connections."""

    def __init__(self) -> None:
        self.server = socket.create_server((LOOPBACK, 0))
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.server.getsockname()[1]}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            self.threads.append(threading.Thread(target=self._answer, args=(connection,), daemon=True))
            self.threads[-1].start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(4_096):
                    connection.sendall(data)
            except OSError:
                return

    def close(self) -> None:
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        for thread in self.threads:
            thread.join(PATIENCE_S)


class Wire:
    """One connection through the shim."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self.socket = socket.create_connection((parts.hostname, parts.port or 0), PATIENCE_S)

    def ask(self, text: bytes) -> bytes:
        self.socket.sendall(text)
        return self.hear(len(text))

    def hear(self, length: int) -> bytes:
        found = b""
        while len(found) < length:
            data = self.socket.recv(length - len(found))
            assert data, "the connection has ended"
            found += data
        return found

    def is_silent(self) -> bool:
        self.socket.settimeout(SILENCE_S)
        try:
            self.socket.recv(1)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(PATIENCE_S)
        return False


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def shim(stack: ExitStack) -> Shim:
    made = Shim()
    stack.callback(made.close)
    return made


@pytest.fixture
def url(stack: ExitStack, shim: Shim) -> str:
    echo = Echo()
    stack.callback(echo.close)
    return shim.between("echo", echo.address)


@pytest.fixture
def wire(stack: ExitStack, url: str) -> Wire:
    opened = Wire(url)
    stack.callback(opened.socket.close)
    assert opened.ask(b"hello") == b"hello"
    return opened


def lane_of(shim: Shim) -> Lane:
    return shim.lanes["echo"]


def test_without_trouble_everything_passes(wire: Wire) -> None:
    long = bytes(range(256)) * 1_000
    sender = threading.Thread(target=wire.socket.sendall, args=(long,))
    sender.start()
    assert wire.hear(len(long)) == long
    sender.join(PATIENCE_S)


def test_a_cut_connection_is_reset_and_another_one_works(shim: Shim, wire: Wire, url: str) -> None:
    shim.do(partial(lane_of(shim).cut, Random(1)))
    with pytest.raises(ConnectionResetError):
        wire.socket.recv(1)
    again = Wire(url)
    assert again.ask(b"again") == b"again"
    again.socket.close()
    assert shim.counts[Kind.CUT] == 1


def test_a_black_hole_holds_everything_back_until_it_is_over(shim: Shim, wire: Wire, url: str) -> None:
    shim.do(lane_of(shim).black_hole)
    wire.socket.sendall(b"held")
    late = Wire(url)
    late.socket.sendall(b"late")
    assert wire.is_silent()
    assert late.is_silent()
    shim.calm()
    assert wire.hear(4) == b"held"
    assert late.hear(4) == b"late"
    late.socket.close()


def test_a_halved_connection_stays_silent_and_neither_end_is_told(shim: Shim, wire: Wire) -> None:
    shim.do(partial(lane_of(shim).halve, Random(1)))
    wire.socket.sendall(b"anybody?")
    assert wire.is_silent()
    shim.calm()
    assert wire.is_silent()


def test_sliced_bytes_arrive_all_and_in_order(shim: Shim, wire: Wire) -> None:
    shim.do(lane_of(shim).slice)
    text = bytes(range(256)) * 4
    assert wire.ask(text) == text


def test_a_delay_holds_back_and_loses_nothing(shim: Shim, wire: Wire) -> None:
    shim.do(partial(lane_of(shim).delay, 2 * SILENCE_S))
    wire.socket.sendall(b"slow")
    assert wire.is_silent()
    assert wire.hear(4) == b"slow"


def test_nobody_there_is_a_connection_that_ends_at_once(shim: Shim) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
    nobody = Wire(shim.between("nobody", f"http://{LOOPBACK}:{port}"))
    with nobody.socket, contextlib.suppress(ConnectionResetError):
        assert nobody.socket.recv(1) == b""


def test_the_same_seed_draws_the_same_troubles_and_another_one_does_not() -> None:
    assert drawn(7, 60) == drawn(7, 60)
    assert drawn(7, 60) != drawn(8, 60)


def test_fifty_rounds_have_every_kind_on_every_lane_and_deaths_of_worker_and_functions() -> None:
    troubles = [trouble for seed in range(1, 51) for trouble in drawn(seed, 60)]
    network = [trouble for trouble in troubles if isinstance(trouble, NetworkTrouble)]
    assert {(trouble.lane, trouble.kind) for trouble in network} == {
        (lane, kind) for lane in ("venue-rest", "venue-ws", "functions-aws", "worker-aws") for kind in Kind
    }
    assert {trouble.gently for trouble in troubles if isinstance(trouble, WorkerEnds)} == {True, False}
    assert any(isinstance(trouble, FunctionDies) for trouble in troubles)
