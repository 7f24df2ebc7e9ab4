"""Exchange credentials, one SecureString per account. Nothing here ever prints one."""

import re
from dataclasses import dataclass, field
from typing import Final

from pydantic import TypeAdapter, ValidationError

from undertow.adapters.ssm.documents import NAME_ALLOWED, NAME_PATTERN, Strict
from undertow.adapters.ssm.fields import REQUIRED, text, whole
from undertow.adapters.ssm.flaws import flaw_of
from undertow.adapters.ssm.parameters import Parameters
from undertow.domain.ids import AccountId
from undertow.domain.json_text import NotJson, read_object, write_json
from undertow.ports import BadDocument, Flaw

_ADDRESS: Final = r"^0x[0-9a-fA-F]{40}$"
_AGENT_KEY: Final = r"^(0x)?[0-9a-fA-F]{64}$"
_V1_PART: Final = r"^[A-Za-z0-9]{16,256}$"


@dataclass(frozen=True, slots=True)
class AgentCredentials:
    """V3: ``signer`` is the agent's address and ``agent_key`` its private key; ``user`` is the trader's wallet."""

    user: str
    signer: str
    agent_key: str = field(repr=False)
    chain_id: int


@dataclass(frozen=True, slots=True)
class KeyCredentials:
    """V1: API key and HMAC secret."""

    key: str = field(repr=False)
    secret: str = field(repr=False)


Credentials = AgentCredentials | KeyCredentials


class AgentFile(Strict):
    """Credentials of API V3."""

    user: str = text(REQUIRED, _ADDRESS, "0x and 40 hexadecimal digits", "The trader's wallet address.")
    signer: str = text(REQUIRED, _ADDRESS, "0x and 40 hexadecimal digits", "The agent's address.")
    agent_key: str = text(REQUIRED, _AGENT_KEY, "64 hexadecimal digits", "The agent's private key, never the wallet's.")
    chain_id: int = whole(1666, 1, 2**31, "", "Chain id that signatures are made for.")


class KeyFile(Strict):
    """Credentials of API V1."""

    key: str = text(REQUIRED, _V1_PART, "16 to 256 letters and digits", "The API key.")
    secret: str = text(REQUIRED, _V1_PART, "16 to 256 letters and digits", "The HMAC secret.")


class NoCredentials(Exception):
    """An account has no usable credentials in the store. The message never holds them."""


@dataclass(frozen=True, slots=True)
class SsmSecrets:
    parameters: Parameters
    prefix: str

    def put(self, account: AccountId, text: str) -> None:
        if re.fullmatch(NAME_PATTERN, account) is None:
            raise BadDocument([Flaw("account", account, NAME_ALLOWED)])
        self.parameters.write_secret(self._name(account), write_json(_file(text).model_dump()))

    def known(self, account: AccountId) -> bool:
        return self.parameters.read(self._name(account)) is not None

    def get(self, account: AccountId) -> Credentials:
        """Raises NoCredentials."""
        stored = self.parameters.read(self._name(account))
        if stored is None:
            raise NoCredentials(
                f"account {account} has no credentials: store them with `undertow secrets put {account}`"
            )
        try:
            file = _file(stored.value)
        except BadDocument as error:
            raise NoCredentials(f"the credentials of account {account} cannot be used: {error}") from None
        if isinstance(file, AgentFile):
            return AgentCredentials(file.user, file.signer, file.agent_key, file.chain_id)
        return KeyCredentials(file.key, file.secret)

    def _name(self, account: AccountId) -> str:
        return f"{self.prefix}/secrets/{account}"


def _file(text: str) -> AgentFile | KeyFile:
    """Raises BadDocument without the values: an error text ends up in logs and terminals."""
    try:
        value = read_object(text)
    except NotJson:
        raise BadDocument([Flaw("credentials", "(not shown)", "a JSON object")]) from None
    model: type[AgentFile] | type[KeyFile] = KeyFile if {"key", "secret"} & value.keys() else AgentFile
    adapter: TypeAdapter[AgentFile | KeyFile] = TypeAdapter(model)
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        found = [flaw_of(model, one) for one in error.errors(include_url=False)]
        hidden = [
            flaw if flaw.value.startswith("it is") else Flaw(flaw.field, "(not shown)", flaw.allowed) for flaw in found
        ]
        raise BadDocument(hidden) from None
