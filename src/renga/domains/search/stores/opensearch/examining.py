"""Search's part of ``renga doctor``: the server of the index answers and lets us in."""

from renga.domains.search.contract import SearchUnavailable
from renga.domains.search.stores.opensearch.connection import SCHEMES, OpenSearchConnection, parse
from renga.platform.doctor.check import Check
from renga.platform.doctor.conflicts import check_scheme
from renga.platform.settings import mask_url

MEND = "Start the server that RENGA_SEARCH_INDEX names, or leave the setting empty to use the database."


async def check_index(url: str) -> list[Check]:
    """Raises SettingsInvalid for a URL that cannot be read."""
    if wrong := check_scheme("search.index", url, SCHEMES):
        return wrong
    connection = OpenSearchConnection(parse(url))
    try:
        about = (await connection.call("GET"))["version"]
    except SearchUnavailable as error:
        return [Check("search index", "fail", f"{mask_url(url)}: {error.detail}", MEND)]
    finally:
        await connection.close()
    name = "OpenSearch" if about.get("distribution") == "opensearch" else "Elasticsearch"
    return [Check("search index", "ok", f"{name} {about['number']}, {mask_url(url)}")]
