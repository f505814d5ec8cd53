"""Background job of search: build the index if it is empty."""

import asyncio

import structlog

from renga.domains.search.indexing import Indexer
from renga.domains.search.rebuild import rebuild
from renga.kernel.errors import Conflict, Unavailable

log = structlog.get_logger(__name__)

LOOK_S = 30.0


async def build_when_empty(indexer: Indexer) -> None:
    """Builds an empty index from a catalogue that has products; checks until cancelled. Later changes come by events."""
    while True:
        try:
            await indexer.index.prepare()
            if await indexer.index.count() == 0 and (await indexer.catalog.scan(limit=1))[0]:
                log.info("index_built", products=await rebuild(indexer))
        except (Unavailable, Conflict) as error:
            log.warning("index_not_built", code=error.code, detail=error.detail)
        await asyncio.sleep(LOOK_S)
