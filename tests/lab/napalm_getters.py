"""What the getters named on the command line say of the router of NAPALM's variables, as one JSON object."""

import json
import os
import sys

from napalm import get_network_driver


def main() -> None:
    """Log in once, ask all."""
    driver = get_network_driver("linjevakt")
    options = json.loads(os.environ["NAPALM_OPTIONAL_ARGS"])
    with driver(os.environ["NAPALM_HOSTNAME"], os.environ["NAPALM_USERNAME"], "", optional_args=options) as device:
        print(json.dumps({name: getattr(device, name)() for name in sys.argv[1:]}))


if __name__ == "__main__":
    main()
