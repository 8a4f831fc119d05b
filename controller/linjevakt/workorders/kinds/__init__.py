"""Every kind of work order, each declared in the module of its subject."""

from collections.abc import Mapping
from typing import Any

from linjevakt.workorders.kinds import hardware, member, moving, services, sharing, site
from linjevakt.workorders.step import Kind

KINDS: Mapping[str, Kind[Any]] = {
    kind.key: kind
    for kind in (
        site.NEW_SITE,
        moving.RELOCATION,
        moving.LINE_CHANGE,
        sharing.SHARE,
        sharing.UNSHARE,
        services.ADD_SERVICE,
        services.CANCEL_SERVICE,
        member.FREEZE,
        member.REOPEN,
        member.EXCLUDE,
        member.READMIT,
        hardware.REPLACE_ROUTER,
        site.TERMINATE,
    )
}
