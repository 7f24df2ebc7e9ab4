"""How the venue refuses: its own code and text, and the HTTP status that goes with it."""


class ExchangeError(Exception):
    """A refusal in the venue's words. ``code`` is negative; nothing was changed."""

    def __init__(self, code: int, message: str, http_status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.http_status = http_status
