"""What relocations cost on a day: data that changes yearly, shown but never invoiced."""

from bisect import bisect_right
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from linjevakt import resources
from linjevakt.inventory.folder import Folder
from linjevakt.model.errors import InventoryError, NotFoundError
from linjevakt.model.fields import Day, Noun
from linjevakt.model.saying import Saying

_FILE = "prices.yaml"

Kroner = Annotated[int, Field(ge=0)]


class Price(Noun):
    """What NHN takes from the day `since` (`from` in the file) on, in whole NOK (domain.md section 10)."""

    model_config = ConfigDict(populate_by_name=True)

    since: Annotated[Day, Field(alias="from")]
    relocation_nhn_delivered: Kroner


def _some(rows: tuple[Price, ...]) -> tuple[Price, ...]:
    """Refuses an empty list only: `min_length` would also miss the rows that were refused themselves."""
    if not rows:
        raise PydanticCustomError("too_short", "should have at least one row")
    return rows


class Prices(Noun):
    """The rows of the file, oldest first."""

    prices: Annotated[tuple[Price, ...], AfterValidator(_some)]

    def on(self, day: Day) -> Price:
        """The price in force: the last row that has begun. Raises NotFoundError for a day before the first row."""
        begun = bisect_right(self.prices, day, key=lambda price: price.since)
        if not begun:
            first = self.prices[0].since
            raise NotFoundError(
                Saying(
                    "no price is known for {day}: the first row of {file} begins {first}. Add an older row",
                    day=day,
                    file=_FILE,
                    first=first,
                )
            )
        return self.prices[begun - 1]


def load_prices(path: Path | None = None) -> Prices:
    """The prices in the folder's `prices.yaml`; without `path` those shipped with the product.

    Raises InventoryError with every finding.
    """
    folder = Folder(path or resources.inventory())
    prices = folder.read(_FILE, Prices)
    if prices:
        _note_disorder(prices, folder)
    if not prices or folder.issues:
        raise InventoryError(folder.issues)
    return prices


def _note_disorder(prices: Prices, folder: Folder) -> None:
    days = [price.since for price in prices.prices]
    for n in range(1, len(days)):
        if days[n] <= days[n - 1]:
            message = Saying("{day} is not later than the row before it, {before}", day=days[n], before=days[n - 1])
            remedy = Saying("Put the rows in order of time, one for each day")
            folder.note(_FILE, ("prices", n, "from"), message, remedy)
