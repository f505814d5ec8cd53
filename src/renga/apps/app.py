"""The web application: the routes of all modules behind gate and edge. It opens nothing and names no module."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from joserfc.jwk import KeySet
from litestar import Litestar
from litestar.openapi import OpenAPIConfig

from renga import __version__
from renga.apps.modules import DECLARED, MODULES
from renga.kernel.clock import Clock, SystemClock
from renga.platform.asyncapi.document import make_document
from renga.platform.auth.access import Access
from renga.platform.auth.signing import local_key
from renga.platform.auth.tokens import TokenVerifier, read_keys
from renga.platform.cards.guard import CardGuard
from renga.platform.http import docs, event_docs, health, problem_pages
from renga.platform.http.answers import AnswerCache
from renga.platform.http.card_rules import card_rules
from renga.platform.http.cors import Cors
from renga.platform.http.edge import Edge
from renga.platform.http.face import Face, HttpContext
from renga.platform.http.gate import Gate, check_declared
from renga.platform.http.lean import LeanTable, Operation
from renga.platform.http.openapi import NoPages, extend
from renga.platform.http.openapi_structs import StructSchemas
from renga.platform.http.problems import EXCEPTION_HANDLERS
from renga.platform.media import http as media_http
from renga.platform.media.library import MediaLibrary
from renga.platform.modules.choosing import declared_by
from renga.platform.modules.module import Module
from renga.platform.modules.opening import EngineCheck, Opened
from renga.platform.optional_imports import without
from renga.platform.sections import Sections
from renga.platform.sessions.port import Sessions
from renga.platform.settings import PlatformSettings


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """The result of ``make_api``: Litestar, the table of lean operations before it, and what the modules declared of them.

    ``cached``: paths whose complete responses may be cached, with the name of their module; ``fields`` as in ``Face``.
    """

    app: Litestar
    lean: LeanTable
    cards: CardGuard = msgspec.field(default_factory=CardGuard)
    operations: Sequence[Operation]
    cached: Mapping[str, str]
    fields: Sequence[tuple[str, str, Access]]
    scopes: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """The content of ``/openapi.json``."""
        return extend(self.app, self.operations, self.scopes)


def verifier_of(platform: PlatformSettings) -> TokenVerifier:
    """The verifier of access tokens: with the configured key set, else with this data folder's own key."""
    keys = read_keys(Path(platform.jwks)) if platform.jwks else KeySet([local_key(Path(platform.data))])
    return TokenVerifier(keys, issuer=platform.token_issuer, clock=SystemClock())


def make_api(
    opened: Mapping[str, Opened],
    *,
    gate: Gate,
    settings: Sections | None = None,
    checks: Mapping[str, EngineCheck] | None = None,
    sessions: Sessions | None = None,
    library: MediaLibrary | None = None,
    clock: Clock | None = None,
    modules: Sequence[Module] = MODULES,
) -> Application:
    """The web application over the opened modules (by name); modules that are not open have no routes.

    Without ``sessions`` there is no login with a browser; without ``library`` there are no routes for pictures. Every route
    passes the gate: raises SettingsInvalid for a route that does not, or that declares no ``access``.
    """
    settings, scopes = settings or Sections({}), declared_by(modules).scopes
    context = HttpContext(
        settings=settings,
        gate=gate,
        clock=clock or SystemClock(),
        scopes=scopes,
        library=library,
        sessions=sessions,
    )
    faces = _faces(opened, modules, context)
    operations = [*health.operations(), *(operation for face in faces.values() for operation in face.operations)]
    own = [
        *health.routes(checks or {}, metrics=context.platform.metrics),
        *event_docs.routes(asyncapi_document),
        *problem_pages.routes(),
    ]
    if library is not None:
        own += media_http.routes(library)
    own += docs.routes(lambda: made.document())
    app = _litestar(faces.values(), own, context)
    check_declared(app, gate)
    body_max_bytes = context.platform.body_max_bytes
    cards = CardGuard(lambda: card_rules(app, operations), body_max_bytes=body_max_bytes)
    made = Application(
        app=app,
        lean=LeanTable(app, operations, body_max_bytes=body_max_bytes, gate=gate, cards=cards),
        cards=cards,
        operations=operations,
        cached={path: name for name, face in faces.items() for path in face.cached},
        fields=[field for face in faces.values() for field in face.fields],
        scopes=scopes,
    )
    return made


def _litestar(faces: Collection[Face], own: Sequence[Any], context: HttpContext) -> Litestar:
    """The modules' routes and the application's ``own``, behind the gate."""
    gate, cors = context.gate, cors_of(context.platform)
    # Litestar would load plugins for values of pydantic and attrs, and its own traces: 10 MB, and we have neither
    with without("pydantic", "attr", "opentelemetry"):
        return Litestar(
            route_handlers=[
                *(mount for face in faces for mount in face.mounts),
                gate.behind([*(route for face in faces for route in face.routes), *own]),
            ],
            exception_handlers=EXCEPTION_HANDLERS,
            cors_config=None if cors is None else cors.config,
            plugins=[StructSchemas()],
            openapi_config=_about(),
            request_max_body_size=context.platform.body_max_bytes,
            logging_config=None,
        )


def _about() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Renga",
        version=__version__,
        description="Headless commerce. Errors are problem details (RFC 9457) with a stable code; money is in minor units.",
        openapi_router=NoPages("/openapi", route_handlers=[]),
    )


def _faces(opened: Mapping[str, Opened], modules: Sequence[Module], context: HttpContext) -> dict[str, Face]:
    contracts = {name: one.contract for name, one in opened.items()}
    return {
        module.name: module.http(opened[module.name].own, contracts, context)
        for module in modules
        if module.http is not None and module.name in opened
    }


def asyncapi_document() -> dict[str, Any]:
    """The content of ``/asyncapi.json``: the facts of every module, including modules that run in another process."""
    return make_document(DECLARED.events, version=__version__)


def cors_of(platform: PlatformSettings) -> Cors | None:
    """Which other origins may call; None: no other."""
    return Cors(platform.cors_origins) if platform.cors_origins else None


def make_edge(api: Application, platform: PlatformSettings, *, kept: AnswerCache | None = None) -> Edge:
    """The application behind its edge; ``kept`` has answers that are asked for before it."""
    https, cors = platform.public_url.startswith("https://"), cors_of(platform)
    if not platform.otlp_endpoint:
        return Edge(api.app, https=https, lean=api.lean, kept=kept, cors=cors, cards=api.cards)
    # imported here: the SDK costs memory that a shop without traces should not need
    from renga.platform.telemetry.traces import finish, open_traces

    traces = open_traces(platform.otlp_endpoint)
    return Edge(
        api.app, https=https, lean=api.lean, kept=kept, cors=cors, cards=api.cards, traces=traces, finish_span=finish
    )
