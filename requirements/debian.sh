#!/bin/sh
# Installs the Debian packages named in the given lists, if any is missing; no service is started by it.
set -eu

wanted=$(cat "$@" | sed 's/#.*//')
missing=""
for package in $wanted; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null || { echo "Linjevakt's lab needs Debian 12 (apt-get is not here). Missing:$missing" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "These Debian packages are missing; install them as root, then try again: apt-get install$missing" >&2; exit 1; }

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod +x "$policy"
fi
echo "Installing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
# shellcheck disable=SC2086 # a list of words is meant
{ apt-get update && apt-get install -y --no-install-recommends $missing; } > "$log" 2>&1 || { tail -n 20 "$log" >&2; exit 1; }
rm -f "$log"
