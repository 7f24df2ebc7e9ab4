"""Logs and metrics. One JSON object per line, nothing in it that should not be read, and measurements as EMF lines.

EMF: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
Made here rather than with Powertools, whose logger and metrics add 90 ms to the start of a function.
"""

import json
import logging
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from undertow.ports import Clock

NAMESPACE: Final = "Undertow"
HIDDEN: Final = "***"
SHORTEST_SECRET: Final = 8
"""Shorter texts are not looked for in log lines: they would be found everywhere."""

# httpx logs whole signed URLs at INFO; the others log requests and responses with their bodies at DEBUG.
QUIET_LOGGERS: Final = ("httpx", "pynamodb", "httpcore", "botocore", "boto3", "urllib3", "websockets", "hpack")

_HIDDEN_NAMES: Final = r"signature|secret|api-?_?key|listen-?_?key|token(?!s)|authorization|nonce|passphrase|password"
_HIDDEN_KEY: Final = re.compile(rf"{_HIDDEN_NAMES}|key", re.IGNORECASE)
_SHOWN_KEY: Final = re.compile(r"_ms$|_s$", re.IGNORECASE)
_IN_TEXT: Final = re.compile(
    rf"""((?:{_HIDDEN_NAMES})["']?\s*[=:]\s*["']?(?:bearer\s+)?)[^\s&"',;)}}\]]+""", re.IGNORECASE
)
_IN_STREAM_URL: Final = re.compile(r"(/(?:ws|stream)/)[A-Za-z0-9]{32,}")
# JSON escapes what is below the space. These too could make one line look like two, or like another one.
_MISLEADING: Final = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")

_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class Redactor:
    """Hides secrets by the name they go under, by the look of the text around them, and by their value."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        self._secrets |= {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}

    def value(self, value: object, name: str = "") -> object:
        if name and _HIDDEN_KEY.search(name) and not _SHOWN_KEY.search(name):
            return HIDDEN
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(one, str(key)) for key, one in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(one) for one in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value))

    def text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return _IN_STREAM_URL.sub(rf"\1{HIDDEN}", _IN_TEXT.sub(rf"\1{HIDDEN}", text))


class JsonLines(logging.Formatter):
    """The fixed fields win over facts of the same name, so that no fact can pass for a level or a time."""

    def __init__(self, service: str, stage: str, redactor: Redactor) -> None:
        super().__init__()
        self._fixed = {"service": service, "stage": stage}
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        facts = {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": self._redactor.text(record.getMessage()),
            "logger": record.name,
            **self._fixed,
        }
        for name, value in facts.items():
            line.setdefault(name, self._redactor.value(value, name))
        if record.exc_info:
            line["exception"] = self._redactor.text(self.formatException(record.exc_info))
        return _one_line(line)


class EmfMeter:
    """Each measurement is one line, written at once: a function that is killed has lost none."""

    def __init__(self, service: str, stage: str, clock: "Clock", stream: TextIO | None = None) -> None:
        self._service = service
        self._stage = stage
        self._clock = clock
        self._stream = stream or sys.stdout

    def count(self, name: str, value: int = 1) -> None:
        self._write(metric_name(name), "Count", value)

    def observe(self, name: str, milliseconds: int) -> None:
        self._write(metric_name(name), "Milliseconds", milliseconds)

    def _write(self, name: str, unit: str, value: int) -> None:
        # One dimension only: every combination of values would be a metric of its own, and is paid as one.
        directive = {"Namespace": NAMESPACE, "Dimensions": [["stage"]], "Metrics": [{"Name": name, "Unit": unit}]}
        line = {
            "_aws": {"Timestamp": self._clock.now_ms(), "CloudWatchMetrics": [directive]},
            "stage": self._stage,
            "service": self._service,
            name: value,
        }
        self._stream.write(_one_line(line) + "\n")
        self._stream.flush()


def configure_logging(
    service: str, stage: str, level: str = "INFO", secrets: Iterable[str] = (), stream: TextIO | None = None
) -> Redactor:
    """Send every log record to ``stream`` (standard output) as a JSON line, and nothing anywhere else.

    Secrets that become known later are told to the redactor that is returned.
    """
    redactor = Redactor(secrets)
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonLines(service, stage, redactor))
    root = logging.getLogger()
    # Lambda brings a handler of its own; with both, every line would be written twice and once unredacted.
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    return redactor


def metric_name(name: str) -> str:
    """``fills_booked`` is FillsBooked in CloudWatch, where the alarms look for it."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _one_line(line: Mapping[str, Any]) -> str:
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"), default=str)
    return _MISLEADING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
