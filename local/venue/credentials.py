"""Demo accounts: the same seed always makes the same keys. They open nothing anywhere but this simulator."""

import hashlib
from dataclasses import dataclass
from typing import Final

from coincurve import PrivateKey

from undertow.adapters.aster.signing import address_of
from undertow.domain.ids import AccountId

_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Credentials:
    """One account as both generations of the API know it.

    ``user`` is the main wallet, ``signer`` an agent that it has approved. Clients that know no agents sign with the
    wallet's own key.
    """

    account: AccountId
    api_key: str
    api_secret: str
    user: str
    user_key: str
    signer: str
    agent_key: str

    def may_sign(self, address: str) -> bool:
        return address.lower() in (self.user.lower(), self.signer.lower())


def credentials(account: str, seed: int) -> Credentials:
    user_key, agent_key = (_private_key(f"{part} of {account}, seed {seed}") for part in ("wallet", "agent"))
    return Credentials(
        account=AccountId(account),
        api_key=_letters(f"key of {account}, seed {seed}"),
        api_secret=_letters(f"secret of {account}, seed {seed}"),
        user=_address(user_key),
        user_key=user_key,
        signer=_address(agent_key),
        agent_key=agent_key,
    )


def _digest(text: str) -> bytes:
    return hashlib.sha512(f"undertow venue simulator: {text}".encode()).digest()


def _private_key(text: str) -> str:
    return "0x" + _digest(text)[:32].hex()


def _address(private_key: str) -> str:
    return address_of(PrivateKey(bytes.fromhex(private_key[2:])).public_key)


def _letters(text: str) -> str:
    """64 letters and digits, as the venue's keys look."""
    return "".join(_BASE62[byte % 62] for byte in _digest(text))
