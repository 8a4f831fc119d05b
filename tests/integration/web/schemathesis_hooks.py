"""How Schemathesis sends what the API takes as a ZIP archive: a folder whose files are whatever it has thought of."""

import io
import json
import zipfile
from typing import Any

import schemathesis


def _content(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    return json.dumps(value, default=str, ensure_ascii=False).encode(errors="surrogatepass")


@schemathesis.serializer("application/zip")  # type: ignore[untyped-decorator, unused-ignore]
def as_archive(_context: Any, value: Any) -> bytes:
    """An archive that is whole; half of the folders in it have the file that makes them one."""
    content, archive = _content(value), io.BytesIO()
    with zipfile.ZipFile(archive, "w") as folder:
        folder.writestr("installation.yaml" if len(content) % 2 else "sites/a.yaml", content)
    return archive.getvalue()
