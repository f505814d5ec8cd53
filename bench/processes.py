"""The processes of the shop from Linux /proc: role, memory, CPU time."""

import os
from collections import defaultdict
from pathlib import Path

import msgspec

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
DATABASES = ("valkey", "postgres")


class Process(msgspec.Struct, frozen=True):
    """``role`` is web, worker, valkey, postgres or a program's name; ``rss_bytes`` counts shared pages in each."""

    pid: int
    role: str
    rss_bytes: int
    cpu_s: float


def parse_stat(text: str) -> tuple[int, float, int]:
    """Parent, CPU seconds and resident pages of /proc/<pid>/stat; the name may contain spaces (proc_pid_stat(5))."""
    fields = text[text.rindex(")") + 2 :].split()
    return int(fields[1]), (int(fields[11]) + int(fields[12])) / _TICKS_PER_S, int(fields[21])


def role_of(command: str) -> str:
    """The role of a process by its command line."""
    for word, role in (("valkey-", "valkey"), ("postgres", "postgres"), ("renga.apps.work", "worker")):
        if word in command:
            return role
    return "web" if "renga" in command else Path(command.split("\0")[0] or "?").name


def tree(root: int) -> list[Process]:
    """A process and all its descendants, without those that end meanwhile."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    seen: dict[int, Process] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            parent, cpu_s, pages = parse_stat((folder / "stat").read_text())
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        pid = int(folder.name)
        children[parent].append(pid)
        seen[pid] = Process(pid, role_of(command), pages * _PAGE_BYTES, cpu_s)
    family, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        waiting += children[pid]
        if pid in seen:
            family.append(seen[pid])
    return family


def cpu_by_role(processes: list[Process]) -> dict[str, float]:
    """CPU seconds so far, summed by role."""
    sums: defaultdict[str, float] = defaultdict(float)
    for process in processes:
        sums[process.role] += process.cpu_s
    return dict(sums)
