"""Answers GraphQL requests: finds the query, checks that it is allowed, reads the cache or executes."""

import msgspec
import structlog
from graphql import GraphQLSchema, OperationType

from renga.frontends.bff.graphql.answers import GraphAnswers, KeptGraphAnswer
from renga.frontends.bff.graphql.context import Context, GraphContracts
from renga.frontends.bff.graphql.documents import Documents, ParsedQuery, QueryOperation, sha256
from renga.frontends.bff.graphql.errors import (
    HashMismatch,
    OperationUnsupported,
    PersistedQueryNotFound,
    QueryNotAllowed,
)
from renga.frontends.bff.graphql.executing import Executed, answer, executor, guard, problems
from renga.frontends.bff.graphql.persisted import PersistedQueries, is_digest
from renga.frontends.bff.graphql.requests import GraphQLRequest
from renga.frontends.bff.graphql.schema import core_schema
from renga.frontends.bff.graphql.settings import GraphQLSettings
from renga.kernel.errors import Unavailable
from renga.kernel.languages import wanted
from renga.platform.auth.principal import Principal
from renga.platform.cache.port import Loaded
from renga.platform.http.etags import etag_of
from renga.platform.telemetry.degraded import count_degraded

log = structlog.get_logger(__name__)

_stable = msgspec.json.Encoder(order="deterministic").encode


class GraphReply(msgspec.Struct, frozen=True):
    """The result of a request. ``kept`` has the ETag and tags of a public answer; ``key`` is its cache key."""

    executed: Executed
    kept: KeptGraphAnswer | None = None
    key: str = ""


class GraphQL:
    """GraphQL independent of HTTP."""

    def __init__(
        self,
        contracts: GraphContracts,
        settings: GraphQLSettings,
        *,
        persisted: PersistedQueries,
        answers: GraphAnswers | None,
        allowed: dict[str, str] | None = None,
    ) -> None:
        self.schema: GraphQLSchema = core_schema()
        guard(self.schema)
        self.settings = settings
        self._executor = executor(self.schema, compiled_plans=settings.compiled_plans)
        self.answers = answers
        self._contracts = contracts
        self._documents = Documents(self.schema, settings)
        self._persisted = persisted
        self._allowed = allowed

    async def document(self, request: GraphQLRequest) -> ParsedQuery:
        """The requested query. Raises PersistedQueryNotFound, HashMismatch, QueryNotAllowed."""
        text = request.query
        if self._allowed is not None:
            return self._documents.get(self._listed(request))
        if request.digest is None:
            assert text is not None  # either the query or its hash is present
            return self._documents.get(text)
        if text is None:
            known = await self._persisted.get(request.digest) if is_digest(request.digest) else None
            if known is None:
                raise PersistedQueryNotFound()
            return self._documents.get(known)
        if sha256(text) != request.digest:
            raise HashMismatch()
        found = self._documents.get(text)
        if not found.problems:
            await self._persisted.put(request.digest, text)
        return found

    def _listed(self, request: GraphQLRequest) -> str:
        assert self._allowed is not None
        digest = request.digest if request.query is None else sha256(request.query)
        listed = self._allowed.get(digest or "")
        if listed is None:
            raise QueryNotAllowed(digest=digest)
        return listed

    async def ask(
        self,
        request: GraphQLRequest,
        document: ParsedQuery,
        *,
        language: str,
        principal: Principal | None,
        groups: tuple[str, ...] = (),
    ) -> GraphReply:
        """Execute or answer from the cache. ``groups`` are the caller's own (``groups_of``). Raises QueryLimit."""
        kind = document.kind_of(request.operation)
        if kind is not None and kind is not OperationType.QUERY:
            raise OperationUnsupported(f"a {kind.value} cannot be asked here")
        if document.problems:
            return GraphReply(problems(document.problems))
        operation = document.operation(request.operation)
        if not operation.is_public or self.answers is None:
            return await self._fresh(operation, request, language, principal, groups)
        key = self._key(document, operation, request, language, groups)
        made: list[GraphReply] = []

        async def load() -> Loaded[KeptGraphAnswer]:
            fresh = await self._fresh(operation, request, language, principal, groups)
            made.append(fresh)
            if fresh.kept is None:
                return Loaded(None)
            return Loaded(fresh.kept, frozenset(fresh.kept.tags))

        kept = await self.answers.get(key, load)
        if kept is not None:
            return GraphReply(Executed(kept.body, True), kept, key)
        return made[0] if made else await self._fresh(operation, request, language, principal, groups)

    async def groups_of(self, principal: Principal | None) -> tuple[str, ...]:
        """The caller's verified customer groups; none for a guest, and while they cannot be read."""
        if principal is None:
            return ()
        facts, caller = self._contracts.facts, principal.caller
        known = facts.known(caller)
        if known is None:
            try:
                known = await facts.facts(caller)
            except Unavailable as error:
                count_degraded("buyer_facts")
                log.warning("prices_without_groups", code=error.code)
                return ()
        return known.groups

    async def _fresh(
        self,
        operation: QueryOperation,
        request: GraphQLRequest,
        language: str,
        principal: Principal | None,
        groups: tuple[str, ...],
    ) -> GraphReply:
        context = Context(self._contracts, accept_language=language, principal=principal, groups=groups)
        executed = await answer(self._executor, operation, request.variables, context)
        if not (executed.is_whole and operation.is_public) or context.degraded or context.for_managers:
            return GraphReply(executed)
        return GraphReply(executed, KeptGraphAnswer(executed.body, etag_of(executed.body), tuple(sorted(context.tags))))

    def _key(
        self,
        document: ParsedQuery,
        operation: QueryOperation,
        request: GraphQLRequest,
        language: str,
        groups: tuple[str, ...],
    ) -> str:
        """The cache key: document, operation, variables, languages and groups; the first two include channel and currency."""
        shop = (wanted(None, language), self._contracts.currency)
        parts = (document.digest, operation.name, request.variables, *shop, groups)
        return sha256(_stable(parts).decode())
