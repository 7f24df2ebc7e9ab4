"""Exchange credentials, one SecureString per account. Nothing here ever prints one."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from undertow.adapters.ssm.documents import NAME_ALLOWED, NAME_PATTERN, Strict
from undertow.adapters.ssm.fields import REQUIRED, structure, text, whole
from undertow.adapters.ssm.flaws import flaws_in
from undertow.adapters.ssm.parameters import Parameters
from undertow.domain.ids import AccountId
from undertow.domain.json_text import Json, NotJson, read_object, write_json
from undertow.ports import BadDocument, Flaw

_ADDRESS: Final = r"^0x[0-9a-fA-F]{40}$"
_ADDRESS_ALLOWED: Final = "0x and 40 hexadecimal digits"
_AGENT_KEY: Final = r"^(0x)?[0-9a-fA-F]{64}$"
_V1_PART: Final = r"^[!-~]{8,256}$"
_V1_ALLOWED: Final = "8 to 256 letters, digits and signs"


class AgentFile(Strict):
    """Credentials of API V3. ``signer`` follows from the key; given, it must be the key's own address."""

    user: str = text(REQUIRED, _ADDRESS, _ADDRESS_ALLOWED, "The trader's wallet address.")
    signer: str | None = structure(None, _ADDRESS_ALLOWED, "The agent's address.", pattern=_ADDRESS)
    agent_key: str = text(REQUIRED, _AGENT_KEY, "64 hexadecimal digits", "The agent's private key, never the wallet's.")
    chain_id: int = whole(1666, 1, 2**31, "", "Chain id that signatures are made for.")


class KeyFile(Strict):
    """Credentials of API V1."""

    api_key: str = text(REQUIRED, _V1_PART, _V1_ALLOWED, "The API key.")
    secret: str = text(REQUIRED, _V1_PART, _V1_ALLOWED, "The HMAC secret.")


class ListeningKeyFile(Strict):
    """Credentials of API V1 that can listen and nothing else: a listenKey is given for the key alone."""

    api_key: str = text(REQUIRED, _V1_PART, _V1_ALLOWED, "The API key.")


@dataclass(frozen=True, slots=True)
class SsmSecrets:
    """``address_of`` gives the address of a private key, and raises ValueError for what is none.

    ``listening`` is the stream worker's place: other parameters, which no function that trades may read, and the
    worker reads no others. A V1 key may lie there without its secret.
    """

    parameters: Parameters
    prefix: str
    address_of: Callable[[str], str]
    listening: bool = False

    def put(self, account: AccountId, text: str) -> None:
        if re.fullmatch(NAME_PATTERN, account) is None:
            raise BadDocument([Flaw("account", account, NAME_ALLOWED)])
        self.parameters.write_secret(self._name(account), self._canonical(text))

    def known(self, account: AccountId) -> bool:
        return self.get(account) is not None

    def get(self, account: AccountId) -> str | None:
        """The credentials as JSON, with ``user``, ``agent_key`` and ``chain_id`` or ``api_key`` and ``secret``."""
        stored = self.parameters.read(self._name(account))
        return None if stored is None else stored.value

    def _name(self, account: AccountId) -> str:
        return f"{self.prefix}/{'stream-secrets' if self.listening else 'secrets'}/{account}"

    def _canonical(self, text: str) -> str:
        """Raises BadDocument without the values: an error text ends up in logs and terminals."""
        try:
            given = dict(read_object(text))
        except NotJson:
            raise BadDocument([Flaw("credentials", "(not shown)", "a JSON object")]) from None
        if "key" in given:  # as the venue's page calls it
            given["api_key"] = given.pop("key")
        model = self._model(given)
        flaws = [_hidden(flaw) for _, flaw in flaws_in(model, given)]
        if not flaws and model is AgentFile:
            flaws = self._foreign_signer(given)
        if flaws:
            raise BadDocument(flaws)
        if model is AgentFile:
            given = {"chain_id": 1666, **given}
            given.pop("signer", None)
        return write_json(given)

    def _model(self, given: dict[str, Json]) -> type[AgentFile] | type[KeyFile] | type[ListeningKeyFile]:
        if not {"api_key", "secret"} & given.keys():
            return AgentFile
        return ListeningKeyFile if self.listening and "secret" not in given else KeyFile

    def _foreign_signer(self, given: dict[str, Json]) -> list[Flaw]:
        try:
            address = self.address_of(str(given["agent_key"]))
        except ValueError:
            return [Flaw("agent_key", "(not shown)", "a private key of the curve secp256k1")]
        signer = given.get("signer")
        if signer is not None and str(signer).lower() != address.lower():
            return [Flaw("signer", str(signer), f"the address of the agent key, which is {address}")]
        if str(given["user"]).lower() == address.lower():
            return [Flaw("agent_key", "(not shown)", "the key of an agent: this one is the wallet's own")]
        return []


def _hidden(flaw: Flaw) -> Flaw:
    missing = flaw.value.startswith(("it is missing", "there is no such field"))
    return flaw if missing else Flaw(flaw.field, "(not shown)", flaw.allowed)
