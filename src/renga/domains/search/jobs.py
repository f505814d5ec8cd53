"""What a worker does for search by itself: build the index where there is none yet."""

import asyncio

import structlog

from renga.domains.search.indexing import Indexer
from renga.domains.search.rebuild import rebuild
from renga.kernel.errors import Conflict, Unavailable

log = structlog.get_logger(__name__)

LOOK_S = 30.0


async def build_when_empty(indexer: Indexer) -> None:
    """An index without documents is built from a catalogue that has products, until cancelled. News does the rest."""
    while True:
        try:
            await indexer.index.prepare()
            if await indexer.index.count() == 0 and (await indexer.catalog.scan(limit=1))[0]:
                log.info("index_built", products=await rebuild(indexer))
        except (Unavailable, Conflict) as error:
            log.warning("index_not_built", code=error.code, detail=error.detail)
        await asyncio.sleep(LOOK_S)
