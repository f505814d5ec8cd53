"""What the relay cannot reach at the moment; each outage and its end is logged once."""

import structlog

log = structlog.get_logger(__name__)


class Outages:
    """The names of outboxes, or ``bus``, that failed at the last attempt."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def failed(self, name: str, error: Exception) -> None:
        if name not in self.names:
            log.warning("relay_waits", for_what=name, error=str(error))
        self.names.add(name)

    def works(self, name: str) -> None:
        if name in self.names:
            log.info("relay_goes_on", with_what=name)
        self.names.discard(name)
