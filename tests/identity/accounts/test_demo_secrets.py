"""The second factors of the demo's accounts: each shop has its own, and keeps it."""

import base64
from pathlib import Path

import pyotp
import pytest

from renga.domains.identity.accounts.model.values import TotpState
from renga.domains.identity.accounts.seed_accounts import DEMO, demo_accounts
from renga.domains.identity.commands.demo import show
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings, secret_of
from tests.identity.accounts.people import HOME, People


def secrets_of(secret: bytes) -> dict[str, str | None]:
    return {one.email: one.totp_secret for one in demo_accounts(secret)}


def test_two_data_folders_differ_in_every_secret_and_one_folder_keeps_its_own(tmp_path: Path) -> None:
    def of(folder: str) -> dict[str, str | None]:
        return secrets_of(secret_of(PlatformSettings(data=str(tmp_path / folder))))

    north, south = of("north"), of("south")
    assert of("north") == north
    made = [one for one in (*north.values(), *south.values()) if one is not None]
    assert len(set(made)) == len(made) == 2 * sum(one.staff for one in DEMO) == 10
    assert {len(base64.b32decode(one)) for one in made} == {20}
    assert [email for email, one in north.items() if one is None] == ["ana@demo.example"]


async def test_the_accounts_are_seeded_with_the_secrets_of_their_shop(people: People) -> None:
    seeded = await people.accounts.seed_accounts()
    assert {one.email: one.totp_secret for one in seeded} == secrets_of(people.dependencies.secret)
    assert secrets_of(b"another shop's") != secrets_of(people.dependencies.secret)


@pytest.mark.parametrize("last", "ABCD")
async def test_a_secret_that_every_shop_had_is_replaced_at_the_next_seeding(people: People, last: str) -> None:
    marta = next(one for one in await people.accounts.seed_accounts() if one.kind == "merchant")
    await _save(people, marta.account_id, f"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PX{last}")
    await people.accounts.seed_accounts()
    assert marta.totp_secret is not None
    code = people.code(pyotp.TOTP(marta.totp_secret))
    assert not (await people.accounts.check_second_factor(marta.account_id, code, HOME)).second_factor_needed


async def test_a_secret_that_somebody_enrolled_stays(people: People) -> None:
    marta = next(one for one in await people.accounts.seed_accounts() if one.kind == "merchant")
    own = pyotp.random_base32()
    await _save(people, marta.account_id, own)
    before = await people.everything()
    await people.accounts.seed_accounts()
    assert await people.everything() == before


async def _save(people: People, account_id: str, secret: str) -> None:
    async with people.dependencies.units.begin() as unit:
        sealed = people.dependencies.seal.close(secret, account_id)
        await unit.proofs.save_totp(account_id, TotpState(secret=sealed))


def test_the_command_shows_the_codes_of_the_folder_it_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pyotp.TOTP, "now", lambda totp: totp.secret[:8])
    shown = []
    for folder in ("north", "south", "north"):
        platform = PlatformSettings(data=str(tmp_path / folder))
        show(Sections({"platform": platform}))
        shown.append(capsys.readouterr().out)
        for secret in secrets_of(secret_of(platform)).values():
            assert secret is None or secret[:8] in shown[-1]
    assert shown[0] == shown[2] != shown[1]
