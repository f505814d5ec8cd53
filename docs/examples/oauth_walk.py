"""Every OAuth flow against a demo shop, step by step: `oauth_walk.py http://127.0.0.1:8000 SERVICE_SECRET`."""

import base64
import hashlib
import json
import re
import secrets
import sys
import time
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

SHOP, SERVICE_SECRET = sys.argv[1].rstrip("/"), sys.argv[2]
CLIENT, CALLBACK = "storefront", f"{SHOP}/login/callback"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def log_in(browser: httpx.Client) -> None:
    """As Ana does on the page: the form carries the session's token."""
    page = browser.get("/login").text
    token = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    form = {"csrf": token, "email": "ana@demo.example", "password": "ipe-amarelo-na-varanda", "next": "/account"}
    answer = browser.post("/login", data=form, headers={"origin": SHOP})
    assert answer.is_redirect, answer.text


def authorize(browser: httpx.Client, **parameters: str) -> str:
    """The code that the authorization server gives to the client; with PKCE, always."""
    answer = browser.get("/oauth/authorize", params=parameters)
    while answer.is_redirect and not answer.headers["location"].startswith(CALLBACK):
        answer = browser.get(answer.headers["location"])
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert back["iss"] == [SHOP], back
    return back["code"][0]


def proof(key: ECKey, url: str, access_token: str | None = None) -> str:
    """A DPoP proof (RFC 9449) for a POST or, with a token, a GET."""
    claims = {
        "jti": secrets.token_urlsafe(16),
        "htm": "GET" if access_token else "POST",
        "htu": url,
        "iat": int(time.time()),
    }
    if access_token:
        claims["ath"] = b64(hashlib.sha256(access_token.encode()).digest())
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    return jwt.encode(header, claims, key)


def shown(what: str, answer: httpx.Response) -> dict:
    body = answer.json() if answer.content else {}
    short = {
        name: (value[:24] + "…" if isinstance(value, str) and len(value) > 40 else value)
        for name, value in body.items()
    }
    print(f"{what:<34} {answer.status_code} {json.dumps(short, ensure_ascii=False)[:150]}")
    return body


def pkce() -> tuple[str, dict[str, str]]:
    verifier = secrets.token_urlsafe(48)
    return verifier, {
        "code_challenge": b64(hashlib.sha256(verifier.encode()).digest()),
        "code_challenge_method": "S256",
    }


browser = httpx.Client(base_url=SHOP, follow_redirects=False)
shown("discovery", browser.get("/.well-known/openid-configuration"))
service = shown(
    "client credentials",
    browser.post(
        "/oauth/token",
        auth=("demo-service", SERVICE_SECRET),
        data={"grant_type": "client_credentials", "scope": "carts:any"},
    ),
)

log_in(browser)
request = {"client_id": CLIENT, "redirect_uri": CALLBACK, "response_type": "code", "state": secrets.token_urlsafe(8)}
request |= {"scope": "openid profile email offline_access cart", "nonce": secrets.token_urlsafe(8)}

verifier, challenge = pkce()
code = authorize(browser, **request, **challenge)
exchange = {"grant_type": "authorization_code", "client_id": CLIENT, "redirect_uri": CALLBACK}
exchange |= {"code": code, "code_verifier": verifier}
tokens = shown("authorization code + PKCE", httpx.post(f"{SHOP}/oauth/token", data=exchange))
shown("the same code again", httpx.post(f"{SHOP}/oauth/token", data=exchange))

verifier, challenge = pkce()
code = authorize(browser, **request, **challenge)
tokens = shown(
    "a fresh code", httpx.post(f"{SHOP}/oauth/token", data=exchange | {"code": code, "code_verifier": verifier})
)
shown("userinfo", httpx.get(f"{SHOP}/oauth/userinfo", headers={"authorization": f"Bearer {tokens['access_token']}"}))
refresh = {"grant_type": "refresh_token", "client_id": CLIENT, "refresh_token": tokens["refresh_token"]}
newer = shown("refresh (rotates)", httpx.post(f"{SHOP}/oauth/token", data=refresh))

verifier, challenge = pkce()
pushed = shown("pushed authorization request", httpx.post(f"{SHOP}/oauth/par", data=request | challenge))
code = authorize(browser, client_id=CLIENT, request_uri=pushed["request_uri"])
key = ECKey.generate_key("P-256")
bound = shown(
    "code + DPoP",
    httpx.post(
        f"{SHOP}/oauth/token",
        data=exchange | {"code": code, "code_verifier": verifier},
        headers={"dpop": proof(key, f"{SHOP}/oauth/token")},
    ),
)
headers = {
    "authorization": f"DPoP {bound['access_token']}",
    "dpop": proof(key, f"{SHOP}/oauth/userinfo", bound["access_token"]),
}
shown("userinfo with the proof", httpx.get(f"{SHOP}/oauth/userinfo", headers=headers))
shown(
    "userinfo without it",
    httpx.get(f"{SHOP}/oauth/userinfo", headers={"authorization": f"Bearer {bound['access_token']}"}),
)

asking = {"auth": ("demo-service", SERVICE_SECRET)}
shown("introspection", httpx.post(f"{SHOP}/oauth/introspect", data={"token": newer["access_token"]}, **asking))
httpx.post(f"{SHOP}/oauth/revoke", data={"token": newer["refresh_token"], "client_id": CLIENT})
shown(
    "introspection after revocation",
    httpx.post(f"{SHOP}/oauth/introspect", data={"token": newer["refresh_token"]}, **asking),
)
