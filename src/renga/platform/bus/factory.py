"""Which engine carries the bus: the URL's scheme decides."""

from renga.platform.bus.port import Bus
from renga.platform.redis.topology import SCHEMES
from renga.platform.settings import SettingsInvalid

AMQP_SCHEMES = ("amqp", "amqps")


def make_bus(url: str) -> Bus:
    """A bus that is not started yet. Raises SettingsInvalid for an unknown scheme."""
    scheme = url.partition("://")[0]
    # imported here: the client of the engine that is not used costs time and memory
    if scheme in AMQP_SCHEMES:
        from renga.platform.bus.rabbitmq import RabbitMQBus

        return RabbitMQBus(url)
    if scheme in SCHEMES:
        from renga.platform.bus.streams import RedisStreamsBus

        return RedisStreamsBus(url)
    known = ", ".join(f"{name}://" for name in (*AMQP_SCHEMES, *SCHEMES))
    raise SettingsInvalid(f"no event bus answers to {scheme!r}; the URL starts with one of {known}")
