"""`python -m benchmarks [--quick] [--only SCENARIO …]`: measures, and writes results.json, RESULTS.md and the chart."""

from __future__ import annotations

import argparse
import os
import sys

from benchmarks import peers, report, stage
from benchmarks.scenarios import SCENARIOS, Bench


def main() -> int:
    """Return 0 when everything was measured that could be; how fast it is changes nothing."""
    names = [scenario.__name__ for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller files")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="SCENARIO", help=", ".join(names))
    arguments = parser.parse_args()
    if os.geteuid():
        print("The benchmark names hosts in a mount namespace of its own: run it as root.", file=sys.stderr)
        return 2
    stage.in_namespace(sys.argv[1:])
    tools, missing = peers.obtain()
    for name, why in missing.items():
        print(f"{name}: {why}", flush=True)
    bench = Bench(tools, missing, 5 if arguments.quick else 15, arguments.quick)
    run = report.Run(os.getloadavg()[0], arguments.quick)
    for scenario in SCENARIOS:
        if scenario.__name__ in arguments.only:
            for result in scenario(bench):
                run.add(result)
                print(report.line(result), flush=True)
    if set(arguments.only) == set(names):
        run.write()
    return 0


if __name__ == "__main__":
    sys.exit(main())
