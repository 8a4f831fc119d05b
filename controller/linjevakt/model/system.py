"""What the operating system says of a file or a connection, as a sentence: what is wrong, and how to mend it."""

import errno
from collections.abc import Mapping
from typing import Final

_Wording = tuple[str, str]

_OF_A_PATH: Final[Mapping[int | None, _Wording]] = {
    errno.ENOENT: ("does not exist", "Check the name, and that its folder is there."),
    errno.ENOTDIR: ("leads through something that is no folder", "Check the name."),
    errno.EISDIR: ("is a folder", "Name a file."),
    errno.EEXIST: ("is there already", "Name something else, or move it away."),
    errno.ENOTEMPTY: ("is not empty", "Name something else."),
    errno.EACCES: ("is closed to this user", "Check its permissions, and those of its folders."),
    errno.EPERM: ("is closed to this user", "Check its permissions, and those of its folders."),
    errno.ELOOP: ("is a link that leads in a circle", "Name the file itself."),
    errno.ENAMETOOLONG: ("is a name that is too long", "Name something shorter."),
    errno.ENXIO: ("is no file", "Name a file."),
    errno.ETXTBSY: ("is a program that runs", "Name something else."),
}
_WORDS: Final[Mapping[int | None, _Wording]] = {
    **_OF_A_PATH,
    errno.ENOSPC: ("cannot be written: the disk is full", "Make room."),
    errno.EDQUOT: ("cannot be written: this user's share of the disk is full", "Make room."),
    errno.EROFS: ("cannot be written: its disk is read-only", "Name a place on another, or mend the disk."),
    errno.EIO: ("cannot be read or written: the disk is broken", "Replace the disk."),
    errno.EMFILE: ("cannot be opened: too many files are open", "Raise the limit (ulimit -n)."),
}


def reason(error: OSError) -> str:
    """What went wrong, without the number and the file, which `str` has: `Connection refused`."""
    return error.strerror or str(error) or type(error).__name__


def is_of_a_path(error: OSError) -> bool:
    """Whether the path that was named is to blame, and not the machine."""
    return error.filename is not None and error.errno in _OF_A_PATH


def sentence(error: OSError) -> str:
    """`site.yaml does not exist. Check the name, ...`; what the system calls it where we have no better words."""
    if error.filename is None:
        return f"{reason(error)}."
    what, remedy = _WORDS.get(error.errno, (f"cannot be used: {reason(error)}", ""))
    return f"{error.filename} {what}. {remedy}".rstrip()
