"""The venue as an httpx transport: no socket, no port, the same code."""

from collections.abc import Callable

import httpx
from local.venue.http import Delivery, Request, Response


class VenueTransport(httpx.BaseTransport):
    """Mount it on a client: ``httpx.Client(transport=VenueTransport(rest.handle), base_url="http://venue")``."""

    def __init__(self, handle: Callable[[Request], Response]) -> None:
        self._handle = handle

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        received = Request(
            method=request.method,
            path=request.url.path,
            query=request.url.query.decode("ascii"),
            body=request.read().decode(),
            headers={name.lower(): value for name, value in request.headers.items()},
        )
        response = self._handle(received)
        match response.delivery:
            case Delivery.HANG:
                raise httpx.ReadTimeout("the venue does not answer", request=request)
            case Delivery.RESET:
                raise httpx.ReadError("the venue cut the connection", request=request)
        return httpx.Response(response.status, headers=dict(response.headers), content=response.body)
