"""Do what a person asks once, however often it is sent: a page that heard no answer asks again under the same key."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from undertow.domain.action import Action, ActionState, KeptAnswer
from undertow.ports import Actions, Clock, StoreBusy

logger = logging.getLogger(__name__)

LONGEST_RUN_MS: Final = 30_000
"""The function behind the API is cut off after 28 s: what began longer ago will not end any more."""
LONGEST_ANSWER: Final = 300_000
"""Bytes. A row holds 400 kB; a longer answer is not kept, and its action counts as one whose end is not known."""


class KeyReused(Exception):
    """The key was sent before with something else."""


class InProgress(Exception):
    """The same is being done at this moment."""


class OutcomeUnknown(Exception):
    """It was begun before and never ended, and doing it again could do it twice."""


@dataclass(frozen=True, slots=True)
class Done:
    """``again``: the answer is the one that was given before, and nothing was done for it now."""

    answer: KeptAnswer
    again: bool


@dataclass(frozen=True, slots=True)
class ActOnce:
    actions: Actions
    clock: Clock

    def __call__(
        self,
        asked: Action,
        act: Callable[[], KeptAnswer],
        refusals: tuple[type[Exception], ...],
        repeatable: bool,
    ) -> Done:
        """``refusals`` are errors after which nothing was changed: they free the key. Any other leaves the end unknown.

        ``repeatable``: doing it a second time does nothing more than doing it once, so it is not held back by a store
        that cannot remember it either: a pause above all. Raises KeyReused, InProgress, OutcomeUnknown and, where it is
        not repeatable, StoreBusy; with nothing done.
        """
        try:
            known = self.actions.begin(asked)
        except StoreBusy:
            if not repeatable:
                raise
            logger.warning("action_not_kept", extra={"route": asked.route, "caller": asked.caller})
            return Done(act(), again=False)
        if known is not None:
            if not known.asks_the_same_as(asked):
                raise KeyReused(f"this key was sent before with something else ({known.route})")
            if known.answer is not None:
                return Done(known.answer, again=True)
            self._take_over(asked, known, repeatable)
        try:
            answer = act()
        except refusals:
            self._end(replace(asked, state=ActionState.REFUSED))
            raise
        if len(answer.body.encode()) <= LONGEST_ANSWER:
            self._end(replace(asked, state=ActionState.ANSWERED, answer=answer))
        return Done(answer, again=False)

    def _end(self, action: Action) -> None:
        """What was done is done, and its answer goes out, whether or not it can be remembered."""
        try:
            self.actions.end(action)
        except StoreBusy:
            logger.warning("action_not_kept", extra={"route": action.route, "caller": action.caller})

    def _take_over(self, asked: Action, known: Action, repeatable: bool) -> None:
        if self.clock.now_ms() - known.begun_at_ms < LONGEST_RUN_MS:
            raise InProgress("the same request is being carried out at this moment: ask again in a few seconds")
        if not repeatable:
            raise OutcomeUnknown(
                "this request was begun before and did not end: look at what it did, and send another key to do it anew"
            )
        if not self.actions.begin_again(asked, known):
            raise InProgress("the same request was taken up again at this moment")
        logger.warning("action_begun_again", extra={"route": asked.route, "caller": asked.caller})
