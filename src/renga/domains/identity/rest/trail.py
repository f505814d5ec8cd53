"""REST: the whole audit trail, for auditors."""

from typing import Annotated

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from renga.domains.identity.contract import AUDIT_TRAIL, Audit
from renga.domains.identity.rest.me import TrailView, trail_view
from renga.domains.identity.rest.shared import opt
from renga.kernel.errors import Invalid, Unauthenticated
from renga.platform.http.problems import problems
from renga.platform.http.requests import AnyRequest, who_asks


def routes(audit: Audit) -> list[HTTPRouteHandler]:
    """The handler of ``/audit``."""

    @get(
        "/audit",
        operation_id="listAudit",
        summary="Read the audit trail",
        opt=opt(AUDIT_TRAIL, objects="the whole audit trail"),
        responses=problems(Unauthenticated, Invalid),
    )
    async def list_audit(
        request: AnyRequest,
        account_id: Annotated[
            str | None, QueryParameter(description="Only entries about this account.", max_length=36)
        ] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
        cursor: Annotated[
            str | None, QueryParameter(description="`next` of the previous page.", min_length=1, max_length=40)
        ] = None,
    ) -> TrailView:
        found = await audit.entries(who_asks(request), account_id=account_id, limit=limit, before=cursor)
        return trail_view(found, limit)

    return [list_audit]
