"""Everything below ``/pix-api``, and the address that a dynamic code names."""

from renga.simulators.payment_provider.desk import ProviderDesk
from renga.simulators.payment_provider.model.pix_messages import cob_of
from renga.simulators.payment_provider.pix_api.access import PixAccess
from renga.simulators.payment_provider.pix_api.charges import PixCharges
from renga.simulators.payment_provider.pix_api.errors import PixApiProblem
from renga.simulators.payment_provider.pix_api.received import ReceivedPix
from renga.simulators.payment_provider.wire import ProviderAnswer, ProviderRequest, Routes, json_answer


def add_pix_api(desk: ProviderDesk, routes: Routes) -> None:
    """Adds its handlers."""
    access = PixAccess(desk)
    routes.add("POST", "/pix-api/oauth/token", access.token)
    PixCharges(desk).add_to(routes, access.guarded)
    ReceivedPix(desk).add_to(routes, access.guarded)

    def payload(request: ProviderRequest) -> ProviderAnswer:
        """What a payer's bank reads: a bank signs it (JWS), this provider does not."""
        charge_id = f"pay_{request.parts[0]}"
        cob = desk.cobs.of_charge(charge_id)
        if cob is None:
            raise PixApiProblem(404, "NaoEncontrado", "there is no such charge")
        return json_answer(cob_of(cob, desk.get(charge_id), desk.base_url))

    routes.add("GET", "/pix/qr/*", payload)
