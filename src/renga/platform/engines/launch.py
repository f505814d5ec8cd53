"""The command line of a server that ends with us: own session, own OS user, parent-death signal.

A small Python process sets these and then becomes the server (``execv``); unlike ``preexec_fn`` this is safe with threads. On
Linux the kernel sends ``death_signal`` when the *thread* that forked ends (prctl(2)): fork from a thread that runs as long as
the server should.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

_BECOME = """
import ctypes, os, sys
parent, death, uid, gid = map(int, sys.argv[1:5])
if uid >= 0:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, death, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent has gone")
os.execv(sys.argv[5], sys.argv[5:])
"""


class OsUser(msgspec.Struct, frozen=True):
    """The OS user that a server runs as."""

    uid: int
    gid: int


def launch(argv: Sequence[str | Path], *, death_signal: signal.Signals, user: OsUser | None = None) -> list[str]:
    """``argv`` (an absolute path first), wrapped; pass the result to ``Popen`` with ``start_new_session=True``."""
    uid, gid = (user.uid, user.gid) if user else (-1, -1)
    head = [sys.executable, "-I", "-S", "-c", _BECOME, str(os.getpid()), str(int(death_signal)), str(uid), str(gid)]
    return [*head, *(str(part) for part in argv)]
