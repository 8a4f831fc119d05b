"""Bad disks: scripts that run in a box, at once and whenever it boots, and those that make its disk well again."""

from enum import StrEnum
from typing import Final


class Ill(StrEnum):
    """How a disk is bad."""

    READ_ONLY = "read-only"
    FULL = "full"


# Mounts above the folders: a file system with files open for writing cannot be remounted, but by the kernel itself.
_FOLDERS: Final = "/etc /home /opt /root /usr /var"
# What the agent keeps, on a file system of its own size; a good disk gets what has been written to it meanwhile.
_KEPT: Final = "/var/lib/linjevakt"

SPOIL: Final = {
    Ill.READ_ONLY: f"""
        for folder in {_FOLDERS}; do
            mount --rbind $folder $folder
            mount -o remount,bind,ro $folder
        done""",
    Ill.FULL: f"""
        mkdir /run/full
        mount -t tmpfs -o size=4m full /run/full
        cp -a {_KEPT}/. /run/full
        chown --reference={_KEPT} /run/full
        chmod --reference={_KEPT} /run/full
        cat /dev/zero > /run/full/filler 2> /dev/null || true
        mount --bind /run/full {_KEPT}""",
}
MEND: Final = {
    Ill.READ_ONLY: f"umount -l {_FOLDERS}",
    Ill.FULL: f"""
        rm /run/full/filler
        umount -l {_KEPT}
        cp -a --remove-destination /run/full/. {_KEPT}
        cd {_KEPT}
        find . -depth | while read -r path; do
            [ -e "/run/full/$path" ] || [ -L "/run/full/$path" ] || rm -r "$path"
        done
        umount -l /run/full
        rmdir /run/full""",
}
