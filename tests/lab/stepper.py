"""Pushes one router and stops before one step until told to go on, so that a test can pull the plug just there.

Run inside the noc: `stepper.py ROUTER STEP REVERT_IN_S`; prints `at STEP`, waits for a line, goes on, prints the
result as JSON.
"""

import json
import sys

from linjevakt import settings
from linjevakt.main import Installation


def main() -> None:
    """Push with a pause at the step named on the command line."""
    router, stop_at, revert_in_s = sys.argv[1], sys.argv[2], int(sys.argv[3])

    waiting = {stop_at}

    def pause(step: str) -> None:
        if step in waiting:
            waiting.remove(step)
            print(f"at {step}", flush=True)
            sys.stdin.readline()

    result = Installation(settings.load()).fleet.pushing.push(router, revert_in_s=revert_in_s, on_step=pause)
    print(json.dumps({"state": result.state, "reason": result.reason}), flush=True)


if __name__ == "__main__":
    main()
