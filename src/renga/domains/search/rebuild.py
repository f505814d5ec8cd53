"""Use case: rebuild the index beside the live one, and swap. Changes meanwhile are written to both."""

from collections.abc import Callable

from renga.domains.search.indexing import Indexer
from renga.domains.search.limits import BATCH_MAX

#: Called with the products done so far.
Progress = Callable[[int], None]


async def rebuild(indexer: Indexer, progress: Progress | None = None) -> int:
    """Returns the number of products in the new index. Raises Unavailable, RebuildLost; the live index is then unchanged."""
    await indexer.index.prepare()
    indexer.taxonomy.drop()
    generation = await indexer.index.begin_rebuild()
    try:
        after: int | None = 0
        done = 0
        while after is not None:
            products, after = await indexer.catalog.scan(after=after, limit=BATCH_MAX)
            documents, _ = await indexer.documents(products)
            if documents:
                await indexer.index.put_into(generation, documents)
            done += len(documents)
            if progress is not None:
                progress(done)
        await indexer.index.finish_rebuild(generation)
    except BaseException:
        await indexer.index.abandon_rebuild(generation)
        raise
    return done
