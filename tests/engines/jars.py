"""Jars of the engines that run on Java: copied once by Maven into the user's cache, shared by all later runs.

Only the standard library: ``python3 -m tests.engines.jars`` copies them before the tests (``.ci/run`` does).
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

POMS = Path(__file__).parent / "java"
ENGINES = ("opensearch", "elasticsearch")
#: Under the time limit of one test, so that a slow network skips a test instead of breaking it.
COPY_TIMEOUT_S = 90.0
REASON_CHARS_MAX = 200
JDK_FOLDERS = ("/usr/lib/jvm/*", "/usr/java/*", "/opt/java/*", "/opt/jdk*")


def cache_folder() -> Path:
    """The user's cache (XDG Base Directory Specification), never the repository."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "renga" / "engines"


def folder(engine: str) -> Path:
    """Where an engine's jars are or will be: another pom, another folder."""
    pom = (POMS / engine / "pom.xml").read_bytes()
    return cache_folder() / f"{engine}-{hashlib.sha256(pom).hexdigest()[:16]}"


def jdk(release_min: int) -> Path | None:
    """The oldest JDK of at least this release that is installed."""
    named = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    found = [path for pattern in JDK_FOLDERS for path in sorted(Path("/").glob(pattern.lstrip("/")))]
    on_path = shutil.which("javac")
    if on_path:
        found.append(Path(on_path).resolve().parent.parent)
    fitting = [(release, path) for path in [*named, *found] if (release := _release(path)) >= release_min]
    return min(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _release(home: Path) -> int:
    """A JDK's feature release, from the file that each has at its root (JEP 223); 0 for what is no JDK."""
    about = home / "release"
    if not about.is_file() or not (home / "bin" / "javac").exists():
        return 0
    version = re.search(r'^JAVA_VERSION="(\d+)', about.read_text(errors="replace"), re.MULTILINE)
    return int(version[1]) if version else 0


def missing(engine: str, release_min: int) -> str | None:
    """What this machine lacks for an engine; None if nothing, as far as can be said without asking the network."""
    if jdk(release_min) is None:
        return f"no JDK {release_min} or newer is installed"
    if not folder(engine).is_dir() and shutil.which("mvn") is None:
        return "its jars are not in the cache and Maven (mvn) is not installed to copy them"
    return None


def copy(engine: str) -> str | None:
    """Have an engine's jars in the cache; None when they are there, else why they could not be copied."""
    target = folder(engine)
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / f"{target.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second test process waits, then finds them
        return None if target.is_dir() else _copy_new(engine, target)


def _copy_new(engine: str, target: Path) -> str | None:
    partial = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    try:
        reason = _maven(POMS / engine / "pom.xml", partial)
        if reason is None:
            partial.rename(target)
        return reason
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _maven(pom: Path, into: Path) -> str | None:
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={into}", "-DincludeScope=runtime"]
    command = [shutil.which("mvn") or "mvn", "--batch-mode", "--quiet", "--file", str(pom), *goal]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=COPY_TIMEOUT_S, cwd=into)
    except subprocess.TimeoutExpired:
        return f"Maven did not copy its jars within {COPY_TIMEOUT_S:.0f} s"
    except OSError as error:
        return f"Maven could not be run: {error}"
    if done.returncode == 0 and any(into.glob("*.jar")):
        return None
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line]
    return f"Maven could not copy its jars: {(lines or ['no reason given'])[0][:REASON_CHARS_MAX]}"


if __name__ == "__main__":
    for name in ENGINES:
        sys.stdout.write(f"{name}: {copy(name) or 'its jars are in the cache'}\n")
