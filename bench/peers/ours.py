"""The pipeline's own side: ``python -m bench.peers.ours NAME SOURCE TARGET``, on all processors, imports included."""

import sys
from pathlib import Path

from bench.peers.ending import note_ending
from bench.workloads import WORKLOADS

if __name__ == "__main__":
    name, source, target = sys.argv[1:]
    WORKLOADS[name](Path(source), Path(target))
    note_ending(Path(target))
