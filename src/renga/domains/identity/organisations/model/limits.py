"""The bounds of merchants, API keys and clients; each refusal names its bound."""

NAME_CHARACTERS_MAX = 100
SLUG_CHARACTERS_MAX = 63
MERCHANTS_PER_ACCOUNT_MAX = 20
MEMBERS_PER_MERCHANT_MAX = 200
#: Invitations of a merchant that are open at the same time, and how long each is.
INVITATIONS_PER_MERCHANT_MAX = 100
INVITATION_LIFE_MS = 7 * 86_400_000

#: Active keys of one owner; and how many keys (with revoked ones) a list returns.
KEYS_PER_OWNER_MAX = 50
KEYS_LISTED_MAX = 500
SCOPES_PER_KEY_MAX = 20
KEY_LIFE_MIN_S, KEY_LIFE_MAX_S = 60, 5 * 366 * 86_400
OVERLAP_MAX_S = 30 * 86_400

#: A key's rate limit: default and maximum.
PER_MINUTE_DEFAULT, PER_MINUTE_MAX = 600, 60_000
BURST_DEFAULT, BURST_MAX = 100, 5_000

#: How long a key or a client is cached: found, and not found.
FOUND_MS, MISSING_MS = 5_000, 2_000
REMEMBERED_MAX = 10_000

#: A key's last use is written at most this often, in batches of up to USES_MAX, every FLUSH_S.
USE_WRITTEN_MS = 60_000
USES_MAX = 10_000
FLUSH_S = 10.0

CLIENTS_MAX = 1_000
CLIENT_ID_CHARACTERS_MAX = 64
REDIRECT_URIS_MAX = 20
REDIRECT_URI_CHARACTERS_MAX = 2_000
JWKS_BYTES_MAX = 16_384
JWKS_KEYS_MAX = 10
