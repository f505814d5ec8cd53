"""The catalogue's transactions in MongoDB when the server stumbles: tried again, committed once, or honestly unknown."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from renga.domains.catalog.ports import StaleWrite
from renga.domains.catalog.stores.mongo.connecting import ATTEMPTS_MAX
from renga.kernel.errors import OutcomeUnknown, Unavailable
from tests.ports.product_stores import Lab, following, mongo_lab

pytestmark = pytest.mark.usefixtures("sockets_left_by_pymongo")

WRITE_CONFLICT, WRITE_CONCERN_FAILED = 112, 64
TRANSIENT, UNKNOWN = "TransientTransactionError", "UnknownTransactionCommitResult"


class Stumbling:
    """A server that fails commands on demand (MongoDB's own ``failCommand``)."""

    def __init__(self, client: AsyncMongoClient[dict[str, Any]]) -> None:
        self._client = client

    async def fail(self, command: str, times: int, **how: Any) -> None:
        data = {"failCommands": [command]} | how
        await self._client.admin.command("configureFailPoint", "failCommand", mode={"times": times}, data=data)

    async def recover(self) -> None:
        await self._client.admin.command("configureFailPoint", "failCommand", mode="off")


@pytest.fixture
def server(start_engine: Callable[..., Any]) -> Any:
    return start_engine("secantusdb", "--enable-test-commands")


@pytest.fixture
async def stumbling(server: Any) -> AsyncIterator[Stumbling]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(server.url)
    yield Stumbling(client)
    await client.close()


@pytest.fixture
async def shop(server: Any, stumbling: Stumbling) -> AsyncIterator[Lab]:
    async with mongo_lab(server.url, transactions=True, private=True) as lab:
        yield lab


async def test_a_transaction_that_met_another_one_is_tried_again_and_happens_once(
    shop: Lab, stumbling: Stumbling
) -> None:
    mug = shop.product("mug")
    await stumbling.fail("insert", 2, errorCode=WRITE_CONFLICT, errorLabels=[TRANSIENT])
    await shop.write(mug)
    assert await shop.products.by_slug(["mug"]) == {"mug": mug}
    assert await shop.events() == [("ProductUpdated", mug.id, 1)]


async def test_a_transaction_that_meets_others_for_ever_is_stale(shop: Lab, stumbling: Stumbling) -> None:
    before = await shop.picture()
    await stumbling.fail("insert", ATTEMPTS_MAX, errorCode=WRITE_CONFLICT, errorLabels=[TRANSIENT])
    with pytest.raises(StaleWrite):
        await shop.write(shop.product("mug"))
    assert await shop.picture() == before


async def test_a_commit_without_an_answer_is_asked_for_again(shop: Lab, stumbling: Stumbling) -> None:
    mug = shop.product("mug")
    await stumbling.fail("commitTransaction", 3, errorCode=WRITE_CONCERN_FAILED, errorLabels=[UNKNOWN])
    await shop.write(mug)
    assert await shop.products.by_slug(["mug"]) == {"mug": mug}
    assert await shop.events() == [("ProductUpdated", mug.id, 1)]


async def test_a_commit_that_is_never_answered_is_an_unknown_outcome(shop: Lab, stumbling: Stumbling) -> None:
    mug = shop.product("mug")
    await shop.write(mug)
    await stumbling.fail("commitTransaction", 1_000, errorCode=WRITE_CONCERN_FAILED, errorLabels=[UNKNOWN])
    with pytest.raises(OutcomeUnknown):
        await shop.write(following(mug))
    await stumbling.recover()
    assert (await shop.products.by_slug(["mug"]))["mug"] in (mug, following(mug))


async def test_a_server_that_steps_down_before_the_commit_changed_nothing(shop: Lab, stumbling: Stumbling) -> None:
    before = await shop.picture()
    await stumbling.fail("insert", 1_000, closeConnection=True)
    with pytest.raises(Unavailable) as caught:
        await shop.write(shop.product("mug"))
    assert not isinstance(caught.value, OutcomeUnknown)
    await stumbling.recover()
    assert await shop.picture() == before
