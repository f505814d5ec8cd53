"""The caller: the first argument of every contract method whose result depends on who calls.

No scope is named here: each domain declares its own and decides which objects they reach.
"""

import msgspec

from renga.kernel.errors import Forbidden, Unauthenticated


class InsufficientScope(Forbidden):
    code = "insufficient_scope"
    title = "The credential does not allow this"


class FreshLoginRequired(Unauthenticated):
    """The last login lies too far back for what was asked. ``max_age`` says how many seconds ago it may be."""

    code = "fresh_login_required"
    title = "Log in again before you do this"


class Caller(msgspec.Struct, frozen=True):
    """Who calls: one type for every interface (REST, GraphQL, pages) and every kind of credential.

    ``subject``    the account, or the program itself; None for a guest
    ``scopes``     what this caller may do beyond their own objects; never more than the credential allows
    ``merchants``  ids of the merchants that the caller works for
    ``program``    the subject is a program acting for itself (RFC 9068 §2.2), not for a person
    ``proved_ms``  when the subject last logged in (milliseconds since 1970); None: the credential does not say, as an API key
    """

    subject: str | None
    scopes: frozenset[str] = frozenset()
    merchants: frozenset[str] = frozenset()
    program: bool = False
    proved_ms: int | None = None

    @classmethod
    def of_system(cls, name: str, *scopes: str) -> "Caller":
        """A job or command of the shop itself, with only the scopes that it needs.

        Its subject is ``system:<name>``: the audit trail shows it, and no account can have that id.
        """
        return cls(f"system:{name}", frozenset(scopes), program=True)

    def may(self, *scopes: str) -> bool:
        """Whether the caller has at least one of these scopes."""
        return not self.scopes.isdisjoint(scopes)

    def require(self, *scopes: str) -> None:
        """Demand at least one of these scopes. Raises Unauthenticated (a guest), InsufficientScope (naming the first scope)."""
        if self.may(*scopes):
            return
        self.identified()
        raise InsufficientScope(f"this needs the scope {scopes[0]}", scope=scopes[0])

    def proved_within(self, age_s: int, now_ms: int) -> str:
        """The subject, if their last login is at most ``age_s`` old. Raises Unauthenticated (a guest), FreshLoginRequired.

        A program proves itself with every token and has nothing to repeat.
        """
        subject = self.identified()
        if not self.program and (self.proved_ms is None or now_ms - self.proved_ms > age_s * 1000):
            raise FreshLoginRequired(f"this needs a login that is at most {age_s} seconds old", max_age=age_s)
        return subject

    def identified(self) -> str:
        """The subject. Raises Unauthenticated for a guest."""
        if self.subject is None:
            raise Unauthenticated()
        return self.subject


#: A guest: no subject and no scopes. Knowing an object's unguessable id is their only right.
ANONYMOUS = Caller(None)
