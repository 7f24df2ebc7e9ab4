"""What people asked to be changed, over the tables. Rows go by their time to live, which is checked here as well."""

import json
from typing import Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.attributes import EnumAttribute, IntegerAttribute
from undertow.adapters.dynamo.conditions import Condition
from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.tables import DAY_MS, DEDUP, TTL_ATTRIBUTE
from undertow.domain.action import Action, ActionState, KeptAnswer
from undertow.ports import StoreBusy

_KEPT_MS: Final = (DEDUP.ttl_days or 0) * DAY_MS


class ActionRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    caller = UnicodeAttribute()
    route = UnicodeAttribute()
    digest = UnicodeAttribute()
    begun_at_ms = IntegerAttribute()
    state = EnumAttribute(ActionState)
    status = IntegerAttribute(null=True)
    headers = UnicodeAttribute(null=True)
    body = UnicodeAttribute(null=True)
    expires_at_s = IntegerAttribute()

    @classmethod
    def from_domain(cls, action: Action) -> "ActionRecord":
        answer = action.answer
        return cls(
            pk=keys.actions(action.caller),
            sk=action.key,
            caller=action.caller,
            route=action.route,
            digest=action.digest,
            begun_at_ms=action.begun_at_ms,
            state=action.state,
            status=None if answer is None else answer.status,
            headers=None if answer is None else json.dumps(dict(answer.headers)),
            body=None if answer is None else answer.body,
            expires_at_s=(action.begun_at_ms + _KEPT_MS) // 1000,
        )

    def to_domain(self) -> Action:
        answer = None
        if self.status is not None:
            answer = KeptAnswer(self.status, json.loads(self.headers or "{}"), self.body or "")
        return Action(self.caller, self.sk, self.route, self.digest, self.begun_at_ms, self.state, answer)


class DynamoActions:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def begin(self, action: Action) -> Action | None:
        # Twice: the row that was in the way may have ended by the time it is read.
        for _ in range(2):
            if self._put(action, _free_by(action.begun_at_ms)):
                return None
            item = self._store.get(DEDUP, keys.actions(action.caller), action.key)
            known = ActionRecord.from_raw_data(item).to_domain() if item else None
            if known is not None and known.state is not ActionState.REFUSED:
                return known
        raise StoreBusy(f"others use the key {action.key} at the same moment")

    def begin_again(self, action: Action, seen: Action) -> bool:
        return self._put(action, _begun_at(seen.begun_at_ms))

    def end(self, action: Action) -> bool:
        return self._put(action, _begun_at(action.begun_at_ms))

    def _put(self, action: Action, condition: Condition) -> bool:
        return self._store.put_if(DEDUP, ActionRecord.from_domain(action).serialize(), condition)


def _free_by(now_ms: int) -> Condition:
    """Nobody has used the key, or it was for something that was refused, or it is too long ago to matter."""
    return Condition(
        "attribute_not_exists(#pk) OR #state = :refused OR #expires <= :now",
        {"#pk": "pk", "#state": "state", "#expires": TTL_ATTRIBUTE},
        {":refused": {"S": ActionState.REFUSED.value}, ":now": {"N": str(now_ms // 1000)}},
    )


def _begun_at(begun_at_ms: int) -> Condition:
    return Condition(
        "#state = :begun AND #at = :at",
        {"#state": "state", "#at": "begun_at_ms"},
        {":begun": {"S": ActionState.BEGUN.value}, ":at": {"N": str(begun_at_ms)}},
    )
