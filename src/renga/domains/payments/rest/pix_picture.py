"""REST: the QR of a Pix charge, drawn by the shop."""

import io
from typing import Annotated, Any

import segno
from litestar import Response, get
from litestar.params import PathParameter

from renga.domains.payments.contract.errors import PaymentNotFound
from renga.kernel.errors import TooManyRequests, Unavailable
from renga.platform.auth.access import Access
from renga.platform.http.problems import problems

#: Quiet zone and size of a module, in units of the drawing.
_BORDER, _SCALE = 4, 4
PaymentId = Annotated[str, PathParameter(max_length=100, description="The payment's id.")]


def routes(payments: Any) -> list[Any]:
    """The handler of ``/v1/payments/{payment_id}/pix.svg``; ``payments`` is ``LocalPayments``."""

    @get(
        "/v1/payments/{payment_id:str}/pix.svg",
        operation_id="readPixPicture",
        summary="The QR of a Pix charge",
        description="For whoever knows the payment's id.",
        tags=["payments"],
        media_type="image/svg+xml",
        opt={"access": Access(guest=True, objects="a payment whose id is known"), "rate": "read"},
        responses=problems(PaymentNotFound, TooManyRequests, Unavailable),
    )
    async def read(payment_id: PaymentId) -> Response[bytes]:
        payload = await payments.pix_payload(payment_id)
        drawn = io.BytesIO()
        segno.make(payload, error="m", micro=False).save(drawn, kind="svg", scale=_SCALE, border=_BORDER, light="#fff")
        headers = {"cache-control": "private, max-age=300"}
        return Response(drawn.getvalue(), media_type="image/svg+xml", headers=headers)

    return [read]
