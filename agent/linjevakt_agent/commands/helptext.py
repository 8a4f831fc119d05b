"""What `--help` says beside commands and options: whom the agent is for, and where to begin."""

AGENT = """\
The agent of a Linjevakt router, for whoever stands before the box
or is logged in to it: how the router is, what is wrong and what to do,
its identity, and its configuration, which goes back by itself.
"""

AGENT_EXAMPLES = """\
begin here:
  linjevakt-agent status      how it is, what is wrong, what to do
  linjevakt-agent openings    what the firewall before it lets through

at the staging bench:
  linjevakt-agent identity --name rtr-a --json > identity.json
  linjevakt-agent config load --replace rtr-a.conf
  linjevakt-agent config commit

a change that goes back by itself unless it is confirmed:
  linjevakt-agent config load --merge change.conf
  linjevakt-agent config diff
  linjevakt-agent config commit --revert-in 120
  linjevakt-agent config confirm

What went wrong is one sentence on stderr. Exit codes: 0 done, 2 the input
is wrong or what it is about is not there, 3 somebody else is changing the
configuration, 4 the box cannot. `linjevakt-agent COMMAND --help` tells more.
"""

CONFIG = """\
The configuration as a transaction: load makes a candidate, diff shows what
it changes, commit puts it in force. With --revert-in it goes back by itself
after so many seconds unless confirm comes first, also when the line dies or
the power fails.
"""

CONFIG_EXAMPLES = """\
one after the other:
  linjevakt-agent config load --replace rtr-a.conf
  linjevakt-agent config diff
  linjevakt-agent config commit --revert-in 120
  linjevakt-agent config confirm

instead of confirm, at once:
  linjevakt-agent config rollback

to look:
  linjevakt-agent config status
  linjevakt-agent config show --sanitized > running.conf
"""
