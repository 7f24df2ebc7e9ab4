"""What is written down of every human action."""

from dataclasses import dataclass

from undertow.domain.ids import digest_of


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One human action. ``before`` and ``after`` are JSON texts, ``version`` what a changed document is stored as."""

    time_ms: int
    by: str
    action: str
    subject: str
    before: str
    after: str
    version: int = 0

    @property
    def digest(self) -> str:
        """Tells it from other actions of the same millisecond."""
        return digest_of("audit", self.by, self.action, self.subject, self.before, self.after, self.version)
