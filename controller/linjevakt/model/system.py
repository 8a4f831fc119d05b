"""What the operating system says of a file or a connection, as a sentence: what is wrong, and how to mend it."""

import errno
from collections.abc import Mapping
from typing import Final

from linjevakt.model.saying import Saying

_Wording = tuple[Saying, Saying]

_OF_A_PATH: Final[Mapping[int | None, _Wording]] = {
    errno.ENOENT: (Saying("does not exist"), Saying("Check the name, and that its folder is there.")),
    errno.ENOTDIR: (Saying("leads through something that is no folder"), Saying("Check the name.")),
    errno.EISDIR: (Saying("is a folder"), Saying("Name a file.")),
    errno.EEXIST: (Saying("is there already"), Saying("Name something else, or move it away.")),
    errno.ENOTEMPTY: (Saying("is not empty"), Saying("Name something else.")),
    errno.EACCES: (Saying("is closed to this user"), Saying("Check its permissions, and those of its folders.")),
    errno.EPERM: (Saying("is closed to this user"), Saying("Check its permissions, and those of its folders.")),
    errno.ELOOP: (Saying("is a link that leads in a circle"), Saying("Name the file itself.")),
    errno.ENAMETOOLONG: (Saying("is a name that is too long"), Saying("Name something shorter.")),
    errno.ENXIO: (Saying("is no file"), Saying("Name a file.")),
    errno.ETXTBSY: (Saying("is a program that runs"), Saying("Name something else.")),
}
_WORDS: Final[Mapping[int | None, _Wording]] = {
    **_OF_A_PATH,
    errno.ENOSPC: (Saying("cannot be written: the disk is full"), Saying("Make room.")),
    errno.EDQUOT: (Saying("cannot be written: this user's share of the disk is full"), Saying("Make room.")),
    errno.EROFS: (
        Saying("cannot be written: its disk is read-only"),
        Saying("Name a place on another, or mend the disk."),
    ),
    errno.EIO: (Saying("cannot be read or written: the disk is broken"), Saying("Replace the disk.")),
    errno.EMFILE: (Saying("cannot be opened: too many files are open"), Saying("Raise the limit (ulimit -n).")),
}


_CALLED: Final[Mapping[int | None, Saying]] = {
    errno.EACCES: Saying("Permission denied"),
    errno.EPERM: Saying("Operation not permitted"),
    errno.ENOENT: Saying("No such file or directory"),
    errno.ELOOP: Saying("Too many levels of symbolic links"),
    errno.ECONNREFUSED: Saying("Connection refused"),
    errno.ECONNRESET: Saying("Connection reset by peer"),
    errno.EHOSTUNREACH: Saying("No route to host"),
    errno.ENETUNREACH: Saying("Network is unreachable"),
    errno.ETIMEDOUT: Saying("Connection timed out"),
    errno.EADDRINUSE: Saying("Address already in use"),
    errno.EADDRNOTAVAIL: Saying("Cannot assign requested address"),
    errno.EPIPE: Saying("Broken pipe"),
    errno.ENOTDIR: Saying("Not a directory"),
    errno.EROFS: Saying("Read-only file system"),
    errno.ENOSPC: Saying("No space left on device"),
    errno.EBADF: Saying("Bad file descriptor"),
    errno.ENOTSOCK: Saying("Socket operation on non-socket"),
}
"""What glibc calls the commonest, so that it has a Norwegian."""


def reason(error: OSError) -> str:
    """What went wrong, without the number and the file, which `str` has: `Connection refused`."""
    said, called = error.strerror or "", _CALLED.get(error.errno)
    if called and said.startswith(called):  # Python says besides what it was about, as the address of a socket
        return called
    return said or str(error) or type(error).__name__


def is_of_a_path(error: OSError) -> bool:
    """Whether the path that was named is to blame, and not the machine."""
    return error.filename is not None and error.errno in _OF_A_PATH


def sentence(error: OSError) -> str:
    """`site.yaml does not exist. Check the name, ...`; what the system calls it where we have no better words."""
    if error.filename is None:
        return Saying("{}.", reason(error))
    if error.errno not in _WORDS:
        return Saying("{} cannot be used: {}.", error.filename, reason(error))
    return Saying("{} {}. {}", error.filename, *_WORDS[error.errno])
