"""``renga events tail``: events as they happen."""

from renga.kernel import events
from renga.platform.bus.factory import make_bus
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings


async def tail(settings: Sections, patterns: tuple[str, ...], *, as_json: bool) -> None:
    bus = make_bus(settings[PlatformSettings].bus)
    await bus.start()
    try:
        async for event in bus.tail(patterns):
            if as_json:
                line = events.encode(event).decode()
            else:
                data = " ".join(f"{name}={value}" for name, value in event.data.items() if name != "cart_id")
                line = f"{event.time}  {event.type:<26} {event.subject}  {data}"
            print(line, flush=True)
    finally:
        await bus.close()
