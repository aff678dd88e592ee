"""How long a picture of 300 states takes: nested Parallels, Maps, Choices, Catches and loops.

``python benchmarks/graph.py`` prints the CPU seconds of the graph, its layout by dagre in Node, and the SVG, and of Node's start alone;
the bar is 2 s for all of it beside Node's start. It exits with 1 if the bar fails.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.large_definition import large_definition

import constructs_ml as ml
from constructs_ml.insight.graph.layout.node import find_node

STATES, RUNS, BAR = 300, 7, 2.0


def cpu() -> float:
    """The CPU seconds of this process and of those that it waited for."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> int:
    """Measure, and print the medians."""
    body = large_definition(STATES, seed=1)
    ml.insight.draw(body).svg  # noqa: B018 - loads what is loaded once
    found: dict[str, list[float]] = {"node": [], "graph": [], "layout": [], "svg": [], "elapsed": []}
    for _ in range(RUNS):
        start = cpu()
        subprocess.run([find_node(), "-e", "0"], check=True)
        found["node"].append(cpu() - start)
        begun, at = time.perf_counter(), cpu()
        picture = ml.insight.draw(body, data=True)
        for name in ("graph", "layout", "svg"):
            getattr(picture, name)
            found[name].append(cpu() - at)
            at = cpu()
        found["elapsed"].append(time.perf_counter() - begun)
    seconds = {name: median(values) for name, values in found.items()}
    whole = seconds["graph"] + seconds["layout"] + seconds["svg"] - seconds["node"]
    told = ", ".join(f"{name} {value:.2f} s" for name, value in seconds.items())
    print(f"{STATES} states: {told}; {whole:.2f} s CPU beside Node's start (bar: {BAR:g} s)")
    return int(whole > BAR)


if __name__ == "__main__":
    sys.exit(main())
