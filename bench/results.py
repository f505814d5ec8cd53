"""All results of a run, the content of ``bench/results/latest.json``."""

import msgspec

from bench.bare_script import ScriptCell
from bench.cpu import Part
from bench.machine import Machine
from bench.memory import Footprint
from bench.options import Options
from bench.processes import Process
from bench.scale import ScaleCell
from bench.startup import Startup
from bench.throughput import OperationCell


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """``at`` is RFC 3339; ``took_s`` the length of the whole run."""

    at: str
    took_s: float
    options: Options
    machine: Machine
    operations: list[OperationCell]
    baselines: list[OperationCell]
    script: list[ScriptCell]
    scale: list[ScaleCell]
    memory: list[Footprint]
    parts: list[Part]
    startup: Startup
    processes: list[Process]

    def operation(self, name: str, connections: int) -> OperationCell:
        """One cell of ``operations`` or ``baselines``. Raises KeyError."""
        for cell in (*self.operations, *self.baselines):
            if cell.operation == name and cell.connections == connections:
                return cell
        raise KeyError((name, connections))
