"""What alert routes need to reach their people: one SecureString each, read only by the functions that tell."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from undertow.adapters.ssm.documents import NAME_ALLOWED, NAME_PATTERN, Strict
from undertow.adapters.ssm.fields import REQUIRED, text
from undertow.adapters.ssm.flaws import flaws_in
from undertow.adapters.ssm.parameters import Parameters
from undertow.domain.json_text import Json, NotJson, read_object, write_json
from undertow.ports import DEAD_MAN, BadDocument, Flaw, RouteKind

# Plain HTTP only to this machine itself: what goes out is a secret, or says what the account holds.
_URL: Final = r"^(https://[!-~]{4,500}|http://127\.0\.0\.1[:/][!-~]{0,500})$"
_URL_ALLOWED: Final = "an address that begins with https://"


class TelegramFile(Strict):
    bot_token: str = text(REQUIRED, r"^\d{5,20}:[A-Za-z0-9_-]{20,100}$", "as the BotFather gave it", "The bot's token.")
    chat_id: str = text(
        REQUIRED, r"^(-?\d{1,20}|@[A-Za-z0-9_]{4,32})$", "a number, or @ and a channel's name", "Who is written to."
    )


class AddressFile(Strict):
    url: str = text(REQUIRED, _URL, _URL_ALLOWED, "The address that is called.")


class WebhookFile(AddressFile):
    secret: str = text(REQUIRED, r"^[!-~]{16,256}$", "16 to 256 letters, digits and signs", "Signs every body.")


_FILES: Final[Mapping[str, type[Strict]]] = {
    RouteKind.TELEGRAM: TelegramFile,
    RouteKind.DISCORD: AddressFile,
    RouteKind.WEBHOOK: WebhookFile,
    DEAD_MAN: AddressFile,
}


@dataclass(frozen=True, slots=True)
class SsmRouteSecrets:
    parameters: Parameters
    prefix: str

    def put(self, name: str, kind: str, fields: Mapping[str, str]) -> None:
        if re.fullmatch(NAME_PATTERN, name) is None:
            raise BadDocument([Flaw("route", name, NAME_ALLOWED)])
        model = _FILES.get(kind)
        if model is None:
            raise BadDocument([Flaw("kind", kind, f"one of {', '.join(_FILES)}; the topics of AWS need no secret")])
        flaws = [Flaw(flaw.field, "(not shown)", flaw.allowed) for _, flaw in flaws_in(model, dict(fields))]
        if flaws:
            raise BadDocument(flaws)
        stored: dict[str, Json] = {"kind": kind, **fields}
        self.parameters.write_secret(self._name(name), write_json(stored))

    def get(self, name: str, kind: str) -> Mapping[str, str] | None:
        stored = self.parameters.read(self._name(name))
        if stored is None:
            return None
        try:
            found = {field: str(value) for field, value in read_object(stored.value).items()}
        except NotJson:
            return None
        if found.pop("kind", "") != kind or any(flaws_in(_FILES[kind], found)):
            return None
        return found

    def _name(self, name: str) -> str:
        return f"{self.prefix}/route-secrets/{name}"
