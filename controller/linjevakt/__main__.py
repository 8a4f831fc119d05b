"""The console script: hears of Ctrl-C before it loads anything, which takes seconds on a busy machine."""

import sys

from linjevakt import heap
from linjevakt.interrupt import INTERRUPTED, listen
from linjevakt.model.stop import Stop


def main() -> None:
    """Run the command line."""
    stop = Stop()
    listen(stop)
    heap.tune()  # to load it all makes a great many objects, too
    try:
        from linjevakt import main as root  # noqa: PLC0415 - see above

        root.main(stop)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
