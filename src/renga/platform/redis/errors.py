"""Errors of the hot-path Redis client; adapters translate them to their port's errors."""


class RedisTrouble(Exception):
    """Base of the three below."""


class NotSent(RedisTrouble):
    """The command did not reach a server that would run it (unreachable, failing over, full): nothing happened."""


class Unanswered(RedisTrouble):
    """The command was sent, but the deadline passed or the connection ended before the reply: it may have happened."""


class Refused(RedisTrouble):
    """The server replied with a permanent error; the text is the server's."""


class Full(NotSent):
    """The server is at ``maxmemory`` without eviction: writes are refused and have no effect, reads work."""
