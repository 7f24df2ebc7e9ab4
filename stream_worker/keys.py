"""Listen keys over REST, with the worker's own credentials: all that it ever asks the venue for."""

import json
from collections.abc import Callable
from typing import Any, Protocol

import httpx

from stream_worker.accounts import NoKeys
from undertow.adapters.aster.connection import (
    AgentCredentials,
    Credentials,
    KeyCredentials,
    connect,
    read_credentials,
)
from undertow.adapters.aster.listen_key import ListenKeys
from undertow.adapters.aster.tally import WeightTally
from undertow.adapters.ssm.parameters import Stored
from undertow.domain.ids import AccountId
from undertow.domain.outcome import VenueReadFailed
from undertow.observability import Redactor
from undertow.ports import Clock, DocumentsUnavailable


class ReadsSecrets(Protocol):
    def read(self, name: str) -> Stored | None: ...


def stream_credentials(document: str) -> Credentials:
    """As for trading; but V1's key needs no secret to listen, and then should come without.

    Raises ValueError, whose text shows no value.
    """
    try:
        given: Any = json.loads(document)
    except ValueError:
        raise ValueError("the secret is not JSON") from None
    if isinstance(given, dict) and given.keys() == {"api_key"} and isinstance(given["api_key"], str):
        return KeyCredentials(given["api_key"], secret="")
    return read_credentials(document)


class StoredListenKeys:
    """Reads the credentials when it first needs them, and again after the venue did not answer well."""

    def __init__(
        self,
        account: AccountId,
        name: str,
        secrets: ReadsSecrets,
        rest_url: str,
        clock: Clock,
        redactor: Redactor,
        transport: httpx.BaseTransport | None = None,
        tally: WeightTally | None = None,
    ) -> None:
        self._account = account
        self._name = name
        self._secrets = secrets
        self._rest_url = rest_url
        self._clock = clock
        self._redactor = redactor
        self._transport = transport
        self._tally = tally
        self._keys: ListenKeys | None = None
        self._close: Callable[[], None] | None = None

    def obtain(self) -> str:
        keys = self._keys or self._open()
        try:
            key = keys.obtain()
        except VenueReadFailed:
            # Perhaps the credentials have been replaced.
            self._forget()
            raise
        self._redactor.add([key])
        return key

    def renew(self) -> bool:
        return (self._keys or self._open()).renew()

    def _open(self) -> ListenKeys:
        try:
            stored = self._secrets.read(self._name)
            if stored is None:
                raise NoKeys(f"there is no parameter {self._name}: store the credentials of {self._account}")
            credentials = stream_credentials(stored.value)
            signs_with = credentials.agent_key if isinstance(credentials, AgentCredentials) else credentials.secret
            self._redactor.add([signs_with])
            connection = connect(
                self._rest_url, credentials, self._clock.now_ms, transport=self._transport, tally=self._tally
            )
        except DocumentsUnavailable as error:
            raise NoKeys(f"the credentials of {self._account} cannot be read: {error}") from error
        except ValueError as error:
            raise NoKeys(f"the credentials of {self._account} are not as they should be: {error}") from error
        self._keys, self._close = ListenKeys(connection), connection.close
        return self._keys

    def _forget(self) -> None:
        if self._close is not None:
            self._close()
        self._keys = self._close = None
