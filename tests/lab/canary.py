"""Run on a router: hides an include in sections of ours in many ways, and prints which of them got past us, as JSON.

What our reading accepts is given to the program itself: it must not read the file that the include names.
"""

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, "/opt/linjevakt-agent")

from linjevakt_agent.base.errors import InvalidError
from linjevakt_agent.validation import directives

CANARY = Path("/run/canary")
RUNNING = Path("/var/lib/linjevakt/running")
TRIED = Path("/run/trial-of-canary")
PROGRAMS = {
    "nftables.conf": (f'include "{CANARY}"', ["nft", "-c", "-f", str(TRIED)]),
    "dnsmasq.conf": (f"conf-file={CANARY}", ["dnsmasq", "--test", f"--conf-file={TRIED}"]),
    "nginx.conf": (f"include {CANARY};", ["nginx", "-t", "-e", "stderr", "-c", str(TRIED)]),
    "chrony.conf": (f"include {CANARY}", ["chronyd", "-p", "-f", str(TRIED)]),
    # any program of strongSwan reads strongswan.conf by the same parser as swanctl.conf
    "swanctl.conf": (f"include {CANARY}", ["swanctl", "--version"]),
}
PIECES = ("#", "# ", " #", "\\", "\\\n", "\n", "\t", " ", '"', "'", ";", "{", "}", "=", ":", "$", "!", "%", "/", "\\n")
PADDINGS = (1, 80, 500, 970)


def reads(section: str, body: str) -> bool:
    """Whether the program reads the canary when it is given `body`."""
    TRIED.write_text(body)
    environment = {**os.environ, "STRONGSWAN_CONF": str(TRIED if section == "swanctl.conf" else "/dev/null")}
    done = subprocess.run(PROGRAMS[section][1], capture_output=True, check=False, env=environment, timeout=20)
    return bool(re.search(rf"tweet|{CANARY}:\d|(of|in|file) {CANARY}".encode(), done.stdout + done.stderr))


def hidden(chance: random.Random, include: str) -> str:
    """The include with junk around it."""
    before = "".join(chance.choices(PIECES, k=chance.randrange(4)))
    after = "".join(chance.choices(PIECES, k=chance.randrange(3)))
    padding = "x" * chance.choice(PADDINGS) if chance.random() < 1 / 3 else ""
    return chance.choice(("", "# ", "#")) + before + padding + include + after


def tried(section: str, count: int) -> dict[str, object]:
    include, _program = PROGRAMS[section]
    lines = (RUNNING / section).read_text().split("\n")
    chance, accepted, past = random.Random(section), 0, []  # noqa: S311 - to be repeated, not to be guessed
    for _ in range(count):
        place = chance.randrange(len(lines))
        body = "\n".join([*lines[:place], hidden(chance, include), *lines[place:]])
        try:
            directives.check(section, body)
        except InvalidError:
            continue
        accepted += 1
        if reads(section, body):
            past.append(body)
    return {"seen": reads(section, include + "\n"), "accepted": accepted, "past": past}


if __name__ == "__main__":
    CANARY.write_text("tweet } { tweet;\n")
    print(json.dumps({section: tried(section, int(sys.argv[1])) for section in PROGRAMS}))
