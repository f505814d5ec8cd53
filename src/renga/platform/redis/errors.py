"""What can go wrong between a hot path and its Redis; adapters turn these into their own port's errors."""


class RedisTrouble(Exception):
    """Base of the three below."""


class NotSent(RedisTrouble):
    """The command did not reach a server that would run it (away, failing over, full): nothing happened."""


class Unanswered(RedisTrouble):
    """The command was sent and no answer came before the deadline or the connection's end: it may have happened."""


class Refused(RedisTrouble):
    """The server answered with an error that a retry will not change; the text is the server's."""


class Full(NotSent):
    """The server is at ``maxmemory`` and evicts nothing: writes are refused whole, reads go on."""
