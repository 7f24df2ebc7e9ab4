"""The REST door on a socket: a small HTTP/1.1 server over h11, with keep-alive and a limit on bodies.

It runs in the same event loop as everything else of the venue: a request is handled in one go, so nothing locks.
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Final

import h11
from local.venue.http import Delivery, Request, Response, refusal

_CHUNK: Final = 64 * 1024
_LARGEST_BODY: Final = 1024 * 1024
_HANG_S: Final = 300
_LINGER_NONE: Final = struct.pack("ii", 1, 0)

Handler = Callable[[Request], Response]


class HttpServer:
    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def serve(self, host: str, port: int) -> int:
        """Start, and return the port, which is a free one when ``port`` is 0."""
        self._server = await asyncio.start_server(self._accept, host, port, limit=_CHUNK)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve_one(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (ConnectionError, h11.RemoteProtocolError):
            pass  # the client went away or speaks no HTTP: there is nobody left to tell
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        peer = writer.get_extra_info("peername")
        while True:
            received = await _receive(connection, reader, writer, str(peer[0]) if peer else "")
            if received is None:
                return
            response = received if isinstance(received, Response) else self._handler(received)
            if response.delivery is Delivery.RESET:
                _reset(writer)
                return
            if response.delivery is Delivery.HANG:
                await asyncio.sleep(_HANG_S)
                return
            await _send(connection, writer, response)
            if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                return
            connection.start_next_cycle()


async def _receive(
    connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str
) -> Request | Response | None:
    """The next request, or the refusal of one that is too large, or None when the client has closed."""
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:
                writer.write(connection.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Request):
            head = event
            if int(dict(event.headers).get(b"content-length", b"0")) > _LARGEST_BODY:
                return refusal(413, -1130, "The body is too large.", {"connection": "close"})
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > _LARGEST_BODY:
                return refusal(413, -1130, "The body is too large.", {"connection": "close"})
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return _request(head, bytes(body), address)
        else:
            return None


def _request(head: h11.Request, body: bytes, address: str) -> Request:
    path, _, query = head.target.decode("ascii").partition("?")
    return Request(
        method=head.method.decode("ascii"),
        path=path,
        query=query,
        body=body.decode("utf-8", errors="replace"),
        headers={name.decode("ascii"): value.decode("latin-1") for name, value in head.headers},
        address=address,
    )


async def _send(connection: h11.Connection, writer: asyncio.StreamWriter, response: Response) -> None:
    headers = [*response.headers.items(), ("content-length", str(len(response.body)))]
    parts = (
        h11.Response(status_code=response.status, headers=headers),
        h11.Data(data=response.body),
        h11.EndOfMessage(),
    )
    writer.write(b"".join(connection.send(part) or b"" for part in parts))
    await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Cut the connection so that the client sees a reset rather than an end."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
    writer.transport.abort()
