"""A folder that comes as a ZIP archive: names, kinds and sizes are looked at before anything of it is written."""

import stat
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from linjevakt.inventory.reading import MEGABYTE, size
from linjevakt.inventory.yamlfiles import INSTALLATION
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.saying import Saying

LARGEST_ARCHIVE: Final = 32 * MEGABYTE  # 20,000 sites are some 10 MB
_LARGEST_FOLDER: Final = 256 * MEGABYTE  # all that comes out of it; each file has a limit of its own when it is read
_MOST_FILES: Final = 50_000
_LONGEST_NAME: Final = 200  # characters of a file's path
_CENTRAL_HEADER: Final = b"PK\x01\x02"  # before every entry of the directory (APPNOTE.TXT 4.3.12)
_CHUNK: Final = 64 * 1024
_FLAG_ENCRYPTED: Final = 0x1
_PLAIN: Final = frozenset({0, stat.S_IFREG, stat.S_IFDIR})  # 0: made where files have no kind


def unpack(raw: bytes, into: Path) -> Path:
    """Writes the archive into an empty folder; answers the folder of the inventory, which may be a single one in it.

    Raises InvalidInputError, with nothing left to read, for what is no archive or damaged, for a name that leads out of
    the folder or is there twice, for links and devices, and for more files or octets than a fleet has.
    """
    if raw.count(_CENTRAL_HEADER) > _MOST_FILES:  # before the directory is read: an entry takes ten times its size
        raise InvalidInputError(Saying("The archive has more than {number} files.", number=_MOST_FILES))
    try:
        with ZipFile(BytesIO(raw)) as archive:
            _write(archive, list(_files(archive)), into)
    except InvalidInputError:
        raise  # it is a ValueError too
    except (BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError) as error:
        said = Saying("This is no ZIP archive, or it is damaged. Send the folder as a .zip.")
        raise InvalidInputError(said) from error
    return _root(into)


def _files(archive: ZipFile) -> Iterator[tuple[ZipInfo, PurePosixPath]]:
    seen: set[str] = set()
    for info in archive.infolist():
        name = _name(info)
        if _kind(info) == stat.S_IFDIR or info.is_dir():
            continue
        if name.as_posix().casefold() in seen:
            raise _refused(info, Saying("is there twice"))
        seen.add(name.as_posix().casefold())
        yield info, name


def _name(info: ZipInfo) -> PurePosixPath:
    """The path within the folder, as it stands in the archive. Raises InvalidInputError."""
    text = info.orig_filename
    parts = text.removesuffix("/").split("/")
    if len(text) > _LONGEST_NAME or not text.isprintable():
        raise _refused(info, Saying("has a name that no file of an inventory has"))
    if not {"", ".", ".."}.isdisjoint(parts) or "\\" in text or ":" in text:
        raise _refused(info, Saying("leads out of the folder"))
    return PurePosixPath(*parts)


def _kind(info: ZipInfo) -> int:
    """The kind of file. Raises InvalidInputError for what is neither file nor folder, or cannot be read."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in _PLAIN:
        raise _refused(info, Saying("is a link or a device; put the file itself there"))
    if info.flag_bits & _FLAG_ENCRYPTED:
        raise _refused(info, Saying("is encrypted"))
    if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise _refused(info, Saying("is packed in another way than ZIP's own"))
    return kind


def _write(archive: ZipFile, files: list[tuple[ZipInfo, PurePosixPath]], into: Path) -> None:
    """Counts what really comes out: what the archive says of sizes is as good as who made it."""
    left = _LARGEST_FOLDER
    for info, name in files:
        path = into / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(info) as source, path.open("xb") as target:
                while chunk := source.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        largest = size(_LARGEST_FOLDER)
                        raise InvalidInputError(Saying("The archive holds more than {size}.", size=largest))
                    target.write(chunk)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise _refused(info, Saying("is a file and a folder at once")) from error


def _root(folder: Path) -> Path:
    """What was packed: the files themselves, or the folder around them."""
    inside = list(folder.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() and not (folder / INSTALLATION).exists() else folder


def _refused(info: ZipInfo, why: Saying) -> InvalidInputError:
    return InvalidInputError(Saying("{name!r} in the archive {why}.", name=info.orig_filename[:_LONGEST_NAME], why=why))
