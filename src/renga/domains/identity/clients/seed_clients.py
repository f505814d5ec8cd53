"""The demo's OAuth clients: the storefront, a third-party single-page application, a service."""

import base64
import hashlib
import hmac
from typing import Protocol

import structlog

from renga.domains.identity.contract import ADMINISTRATION, Client, ClientIdTaken, ClientInvalid
from renga.kernel.caller import Caller

log = structlog.get_logger(__name__)

SEEDING = Caller.of_system("seed", ADMINISTRATION)

SIGN_IN = ("openid", "profile", "email", "offline_access")


def demo_clients(base_url: str) -> tuple[Client, ...]:
    """``base_url`` is the shop's public address."""
    base = base_url.rstrip("/")
    return (
        Client(
            id="storefront",
            name="Renga",
            redirect_uris=(f"{base}/login/callback",),
            post_logout_redirect_uris=(f"{base}/",),
            scopes=(*SIGN_IN, "account", "cart", "orders"),
            first_party=True,
        ),
        Client(
            id="demo-spa",
            name="Demo SPA",
            redirect_uris=("http://127.0.0.1:5173/callback", "http://localhost:5173/callback"),
            post_logout_redirect_uris=("http://127.0.0.1:5173/", "http://localhost:5173/"),
            scopes=(*SIGN_IN, "cart", "orders"),
        ),
        Client(
            id="demo-service",
            name="Demo service",
            grant_types=("client_credentials",),
            scopes=(
                *(
                    "carts:any",
                    "catalog:write",
                    "catalog:manage",
                    "inventory:write",
                    "inventory:manage",
                    "inventory:reserve",
                ),
                *("promotions:write", "promotions:manage", "pricing:manage"),
                *("payments:write", "payments:read"),
                *("search:manage", "metrics:read"),
            ),
            auth_method="client_secret_basic",
        ),
    )


class ClientRegistry(Protocol):
    """Registers a client with a given secret, so that the demo can print it at any time."""

    async def register(self, caller: Caller, client: Client, *, secret: str | None = None) -> tuple[Client, str | None]:
        """Raises ClientIdTaken, ClientInvalid."""
        ...


def demo_secret(secret: bytes) -> str:
    """The secret of ``demo-service``, derived from the shop's secret."""
    made = hmac.digest(secret, b"renga demo-service", hashlib.sha256)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


async def seed_clients(clients: ClientRegistry, base_url: str, secret: bytes) -> int:
    """Register missing clients that are allowed here; returns how many were registered."""
    made = 0
    for client in demo_clients(base_url):
        try:
            await clients.register(SEEDING, client, secret=demo_secret(secret) if client.id == "demo-service" else None)
        except ClientIdTaken:
            continue
        except ClientInvalid as error:
            # a demo on plain http and not on loopback: its redirect URI may not be registered
            log.warning("demo_client_skipped", client_id=client.id, reason=error.detail)
            continue
        made += 1
    return made
