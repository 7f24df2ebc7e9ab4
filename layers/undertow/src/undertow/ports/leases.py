"""One run at a time: who may do a task now."""

from typing import Protocol

from undertow.domain.lease import Lease


class Leases(Protocol):
    """A run that is cut off keeps others out until its time is up, and no longer; one that ends gives the task back.

    A lease keeps runs from doing the same work twice. It is no lock: between a look at it and a write it may move to
    somebody else. What is written is therefore conditional in any case.
    """

    def acquire(self, name: str, holder: str, ttl_ms: int) -> Lease | None:
        """The task ``name`` for ``ttl_ms``, under an epoch that nobody had before. None while another run has it."""
        ...

    def renew(self, lease: Lease, ttl_ms: int) -> Lease | None:
        """``lease`` for ``ttl_ms`` from now, under the same epoch. None when it ran out or was given back."""
        ...

    def held(self, lease: Lease) -> bool:
        """Whether nobody else has had the task since, and its time is not up. Consistent."""
        ...

    def release(self, lease: Lease) -> None:
        """Give the task back now. Nothing happens when somebody else has it by now."""
        ...
