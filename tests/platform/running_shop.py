"""A process of its own that runs the embedded engines on a folder until it is told or killed (helper of the tests)."""

import asyncio
import sys
from pathlib import Path

import msgspec

from renga.platform.engines.folder import DataFolder
from renga.platform.engines.postgres import Postgres
from renga.platform.engines.supervisor import Supervisor
from renga.platform.engines.valkey import Valkey


async def main(path: Path) -> None:
    with DataFolder(path).hold() as data:
        async with Supervisor([Valkey(data), Postgres(data)]) as engines:
            data.announce(engines.urls)
            print(msgspec.json.encode(engines.urls).decode(), flush=True)
            await engines.failure()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
