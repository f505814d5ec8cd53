"""Who asks: the first argument of every contract's method that answers one caller and not another.

The kernel knows no scope by name: a domain declares its own, and a rule of the domain says what they reach.
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
    """Who asks, whatever the face and whatever proved it.

    ``subject``    the account, or the program itself; None for a guest
    ``scopes``     what this caller may do beyond what is their own, never more than the proof allows
    ``merchants``  ids of the merchants that the caller works for
    ``program``    the subject is a program that acts in its own name (RFC 9068 §2.2), not for a person
    ``proved_ms``  when the subject last logged in (milliseconds since 1970); None: the credential does not say, as an API key
    """

    subject: str | None
    scopes: frozenset[str] = frozenset()
    merchants: frozenset[str] = frozenset()
    program: bool = False
    proved_ms: int | None = None

    @classmethod
    def of_system(cls, name: str, *scopes: str) -> "Caller":
        """A job or a command of the shop itself, with the scopes that it needs and no others.

        Its subject is ``system:<name>``, so that the audit trail names it and no account has its name.
        """
        return cls(f"system:{name}", frozenset(scopes), program=True)

    def may(self, *scopes: str) -> bool:
        """Does the caller hold one of these?"""
        return not self.scopes.isdisjoint(scopes)

    def require(self, *scopes: str) -> None:
        """One of these is needed. Raises Unauthenticated (a guest), InsufficientScope (it names the first)."""
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


#: A guest: has no name and no rights but what an object's id gives.
ANONYMOUS = Caller(None)
