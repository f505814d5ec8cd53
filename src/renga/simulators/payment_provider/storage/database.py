"""Opens the SQLite file: WAL, so that what was committed survives ``kill -9``; one connection, so one writer."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from renga.kernel.errors import Conflict

_TABLES = """
CREATE TABLE IF NOT EXISTS charges (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, origin TEXT NOT NULL, created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL, next_ms INTEGER, document BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS charges_next ON charges (next_ms) WHERE next_ms IS NOT NULL;
CREATE TABLE IF NOT EXISTS changes_by_day (
    day TEXT NOT NULL, charge TEXT NOT NULL, PRIMARY KEY (day, charge)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (id TEXT PRIMARY KEY, charge TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
    seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, digest BLOB NOT NULL, status INTEGER NOT NULL,
    kind TEXT NOT NULL, charge TEXT, at_ms INTEGER NOT NULL,
    body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS failed_once (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, card BLOB NOT NULL, expires_ms INTEGER NOT NULL, used_by TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS saved_cards (id TEXT PRIMARY KEY, card BLOB NOT NULL, created_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, charge TEXT NOT NULL, method TEXT NOT NULL,
    amount INTEGER NOT NULL, currency TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT, key TEXT, part TEXT,
    origin TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS settled (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, day TEXT NOT NULL, charge TEXT NOT NULL, currency TEXT NOT NULL,
    origin TEXT NOT NULL, document BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS settled_day ON settled (day);
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, charge TEXT NOT NULL, url TEXT,
    created_ms INTEGER NOT NULL, body BLOB NOT NULL, fate TEXT NOT NULL, sends_left INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due_ms INTEGER, delivered_ms INTEGER, last TEXT);
CREATE INDEX IF NOT EXISTS events_due ON events (due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX IF NOT EXISTS events_charge ON events (charge);
CREATE TABLE IF NOT EXISTS cobs (
    txid TEXT PRIMARY KEY, kind TEXT NOT NULL, charge TEXT NOT NULL, created_ms INTEGER NOT NULL, document BLOB NOT NULL
    ) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS cobs_charge ON cobs (charge);
CREATE INDEX IF NOT EXISTS cobs_created ON cobs (created_ms);
CREATE TABLE IF NOT EXISTS pix_received (
    end_to_end TEXT PRIMARY KEY, txid TEXT NOT NULL, charge TEXT NOT NULL, part TEXT NOT NULL, at_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pix_received_at ON pix_received (at_ms);
CREATE TABLE IF NOT EXISTS pix_webhooks (key TEXT PRIMARY KEY, url TEXT NOT NULL, created_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class ProviderFileInUse(Conflict):
    code = "provider_file_in_use"
    title = "Another process has this provider's file"


class ProviderDatabase:
    """The open file. A statement outside ``transaction`` only reads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = _locked(folder)
        # by default, sqlite3 commits by itself at times: isolation_level None leaves that to us
        self._connection = sqlite3.connect(folder / "provider.sqlite3", isolation_level=None, cached_statements=256)
        # nobody else opens it, so its locks need not be taken and given back for each request
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._connection.execute("PRAGMA journal_mode = WAL")
        # what is committed survives the end of the process, not of the power: this is a provider for tests
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute("PRAGMA wal_autocheckpoint = 4000")
        self._connection.execute("PRAGMA cache_size = -4096")
        self._connection.executescript(_TABLES)
        self.execute = self._connection.execute

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.execute("ROLLBACK")
            raise
        self.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()
        os.close(self._lock)


def _locked(folder: Path) -> int:
    """Raises ProviderFileInUse."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise ProviderFileInUse(f"another provider runs on {folder}: stop it, or choose another folder") from None
    return handle
