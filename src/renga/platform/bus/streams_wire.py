"""Keys and scripts of the bus on Redis Streams. All keys of a domain share a hash tag, hence a cluster slot."""

DOMAINS = "bus:domains"
CONSUMERS = "bus:consumers"
LEASE_PREFIX = "bus:lease:"

FIELD = b"event"
#: Consumer name in every group: fixed, so that the next active instance sees the pending entries of the last one.
ACTIVE = "active"

#: ARGV: bodies. One command and one reply for many events; adds all or (out of memory) none.
PUBLISH = """
for i = 1, #ARGV do redis.call('XADD', KEYS[1], '*', 'event', ARGV[i]) end
return #ARGV
"""

#: Dead letter and acknowledgement in one step. KEYS: stream, dead stream. ARGV: group, id, cap, body, reason, attempts.
BURY = """
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'event', ARGV[4], 'reason', ARGV[5], 'attempts', ARGV[6])
return 1
"""


def stream_key(domain: str) -> str:
    return f"bus:{{{domain}}}"


def dead_key(domain: str, consumer: str) -> str:
    return f"bus:{{{domain}}}:dead:{consumer}"


def domain_of(stream: str) -> str:
    return stream[len("bus:{") : -1]


def successor(entry_id: str) -> str:
    """The least id after this one."""
    ms, _, sequence = entry_id.partition("-")
    return f"{ms}-{int(sequence) + 1}"
