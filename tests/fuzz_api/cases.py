"""Cases that Schemathesis makes from the API's own document, each answered by the API and held against it."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from urllib.parse import quote

import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from requests import Request
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.functions.promised import promised
from tests.fuzz_api.desk import FuzzedDesk, new_desk

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FRESH_EACH: Final = 200
"""Cases after which the desk is as on the first day: where all is flattened and paused, little is left to refuse."""
ORIGIN: Final = "http://localhost"
_MOST_ROUNDS: Final = 1_000
TIMES: Final = ("from_ms", "to_ms", "from", "to", "cursor")


@dataclass
class Tally:
    """``changed`` are refused requests after which something was stored, ``failed`` answers that break the document."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    succeeded: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    changed: dict[str, str] = field(default_factory=dict)


@dataclass
class Fuzz:
    seed: int
    make: Callable[[], FuzzedDesk] = new_desk
    only: str = ""
    """Of the paths that begin so; all of them when it is empty."""
    tally: Tally = field(default_factory=Tally)
    desk: FuzzedDesk = field(init=False)
    _before: dict[str, str] = field(init=False)

    def run(self, cases: int) -> Tally:
        found: Iterator[Any] = schemathesis.openapi.from_dict(promised()).get_all_operations()
        operations = [one.ok() for one in found]
        of_data = [
            one for one in operations if one.definition.raw["x-scope"] is not None and one.path.startswith(self.only)
        ]
        for number, operation in enumerate(of_data):
            share = cases // len(of_data) + (number < cases % len(of_data))
            for mode, part in ((GenerationMode.POSITIVE, share - share // 2), (GenerationMode.NEGATIVE, share // 2)):
                self._operation(operation, mode, part)
        return self.tally

    def _operation(self, operation: Any, mode: GenerationMode, cases: int) -> None:
        """Positive cases in place of negative ones, where nothing that is sent could be wrong."""
        random = Random(f"{self.seed} {operation.label} {mode.value}")
        until = self.tally.cases + cases
        for _ in range(_MOST_ROUNDS):
            if self.tally.cases >= until:
                return
            self.desk = self.make()
            self._before = self.desk.state()
            try:
                self._round(operation, mode, min(FRESH_EACH, until - self.tally.cases), random)
            except Unsatisfiable:
                self._operation(operation, GenerationMode.POSITIVE, until - self.tally.cases)
                return

    def _round(self, operation: Any, mode: GenerationMode, cases: int, random: Random) -> None:
        until = self.tally.cases + cases

        @seeded(random.getrandbits(60))
        @settings(
            max_examples=cases,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def each(case: Case[Any]) -> None:
            if self.tally.cases < until:
                self._case(case, random)

        each()

    def _case(self, case: Case[Any], random: Random) -> None:
        if random.random() < 0.6:
            _made_meaningful(case, self.desk.known, random)
            body = self.desk.bodies.get(case.operation.label)
            if body is not None and random.random() < 0.5:
                case.body = dict(body)
        label = case.operation.label
        sent = Request(**case.as_transport_kwargs(base_url=ORIGIN)).prepare()
        response = self.desk.answer(case.operation.path, sent)
        if response is None:
            return
        self.tally.cases += 1
        self.tally.statuses[response.status_code] += 1
        if response.status_code < 400:
            self.tally.succeeded.add(label)
        try:
            case.validate_response(response, checks=CHECKS)
        except (schemathesis.errors.SchemathesisError, BaseExceptionGroup, AssertionError) as error:
            self.tally.failed.setdefault(
                f"{label} {response.status_code}", _told(sent, response.content.decode(), error)
            )
        self._unchanged(case, response.status_code, label, _told(sent, response.content.decode(), None))

    def _unchanged(self, case: Case[Any], status: int, label: str, told: str) -> None:
        after = self.desk.state()
        if status >= 400 or case.method == "GET":
            moved = [name for name, text in after.items() if text != self._before.get(name)]
            if moved:
                self.tally.changed.setdefault(f"{label} {status} {moved}", told)
        self._before = after


def _told(sent: Any, answer: str, error: BaseException | None) -> str:
    raised = "".join(f" {one}" for one in _leaves(error)) if error is not None else ""
    return f"{sent.method} {sent.url} {dict(sent.headers)} {sent.body!r} -> {answer[:300]}{raised}"[:3_000]


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    else:
        yield error


def _made_meaningful(case: Case[Any], known: dict[str, list[Any]], random: Random) -> None:
    """Names that this desk knows instead of made-up ones, and ranges as they are usual: so that much is answered."""
    for part in (case.path_parameters, case.query, case.headers, case.body):
        if not isinstance(part, MutableMapping):
            continue
        for name in list(part):
            if name in TIMES and random.random() < 0.8:
                del part[name]
            elif known.get(name):
                chosen = random.choice(known[name])
                part[name] = quote(chosen, safe="") if part is case.path_parameters else chosen
    if isinstance(case.query, dict) and "symbol" in case.query and random.random() < 0.5:
        case.query["symbol"] = "BTCUSDT"


def line(tally: Tally, seed: int, took_s: float) -> str:
    return json.dumps(
        {
            "cases": tally.cases,
            "seed": seed,
            "seconds": round(took_s, 1),
            "statuses": {str(status): count for status, count in sorted(tally.statuses.items())},
            "routes_that_succeeded": len(tally.succeeded),
            "failed": len(tally.failed),
            "changed_by_a_refusal": len(tally.changed),
        }
    )
