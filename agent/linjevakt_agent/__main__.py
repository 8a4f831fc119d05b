"""`python -m linjevakt_agent`."""

from linjevakt_agent.cli import main

main()
