"""Parameters that are simply given."""

from dataclasses import dataclass

from undertow.ports import NoParameters, Parameters


@dataclass(slots=True)
class StaticParams:
    parameters: Parameters | None = None

    def current(self) -> Parameters:
        if self.parameters is None:
            raise NoParameters("no parameters were given")
        return self.parameters

    def refreshed(self) -> Parameters:
        return self.current()

    def replace(self, parameters: Parameters) -> None:
        self.parameters = parameters
