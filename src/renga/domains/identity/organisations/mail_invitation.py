"""Use case: mail the link of an invitation, counted with the other mails that an address gets unasked."""

from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.guard import enter
from renga.domains.identity.contract import CallOrigin, Merchant

INVITATION_PATH = "/invitation"


class CountedInvitationMails:
    """``InvitationMails`` over the mailer of accounts."""

    def __init__(self, dependencies: AccountDependencies) -> None:
        self._dependencies = dependencies

    async def send(self, email: str, merchant: Merchant, *, language: str, link: str, origin: CallOrigin) -> None:
        dependencies = self._dependencies
        if (await enter(dependencies, "letter", email, origin)).refused:
            return
        address = dependencies.url(INVITATION_PATH, link)
        await dependencies.mailer.send(dependencies.mails.invited_to_merchant(email, merchant.name, language, address))
