"""What pages demand of who asks for them, as the gate reads it."""

from renga.domains.identity.contract import FRESH_LOGIN_S
from renga.platform.auth.access import Access

_OBJECTS = "what belongs to the session's account or cart"
#: Every page may be asked for by anyone; what is somebody's own is shown to the session that it belongs to.
PAGES = Access(guest=True, objects=_OBJECTS)
#: A form that changes proofs, keys or the whole account.
FRESH_FORMS = Access(guest=True, objects=_OBJECTS, fresh_s=FRESH_LOGIN_S)
