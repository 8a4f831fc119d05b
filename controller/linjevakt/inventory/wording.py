"""Says what pydantic found in one document as Issues: where in the file, what, and how to mend it."""

from collections.abc import Iterator

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from linjevakt.inventory.document import Path, Source
from linjevakt.model.errors import Issue
from linjevakt.model.saying import Saying
from linjevakt.model.wording import Wording, faults, known_fields, said, unknown

_SEE = Saying("See inventory/example for a file that is right")


def issues(error: ValidationError, model: type[BaseModel], source: Source) -> Iterator[Issue]:
    """One Issue for each of pydantic's errors about `source.data`."""
    for detail in faults(error):
        path = _in_file(detail["loc"], source)
        place = source.place(path)
        detail["input"] = source.written(path) or detail["input"]
        yield place.issue(*_word(detail, model, path, source))


def _in_file(loc: Path, source: Source) -> Path:
    """Where the file has it: pydantic's location without the union tags; the last part may be absent from the file."""
    path: Path = ()
    for n, part in enumerate(loc):
        if (*path, part) in source or n == len(loc) - 1:
            path = (*path, part)
    return path


def _word(detail: ErrorDetails, model: type[BaseModel], path: Path, source: Source) -> Wording:
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown(detail, model, path)
    if kind == "missing":
        return Saying("is missing"), source.adding(source.place(path).field)
    if detail["input"] is None:
        return Saying("is empty"), Saying("Give it a value, or leave the line out where there is a default")
    message, remedy = said(detail)
    return message, remedy or _SEE


def _unknown(detail: ErrorDetails, model: type[BaseModel], path: Path) -> Wording:
    if path[-1] in known_fields(model, path[:-1]):
        # of another branch of the union, whose tag pydantic's location has and the file has not
        tag = detail["loc"][-2]
        return Saying("does not go with {!r}", tag), Saying("Leave it out, or choose something else than {!r}", tag)
    return unknown(model, path)
