"""Amazon's list prices, each with its page and the day on which it was noted. Pure, except for reading the file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from cafe.errors import CafeError


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one unit. The first ``free`` units of a month cost nothing."""

    dollars: float
    unit: str
    page: str
    noted: date
    free: float = 0


@dataclass(frozen=True)
class Prices:
    """The prices of a region, by name."""

    region: str
    by_name: Mapping[str, Price]

    def of(self, name: str, amount: float) -> float:
        """Return the dollars for an amount in a month, less what is free. Raises KeyError for an unknown name."""
        price = self.by_name[name]
        return max(0.0, amount - price.free) * price.dollars

    @cached_property
    def noted(self) -> date:
        """The day of the newest price."""
        return max(price.noted for price in self.by_name.values())


def parse_prices(document: Mapping[str, Any]) -> Prices:
    """Read a price list. Raises TypeError, KeyError or ValueError if something is missing or unknown."""
    prices = {name: Price(**entry) for name, entry in document.items() if name != "region"}
    return Prices(str(document["region"]), prices)


def committed_prices() -> Prices:
    """Read the price list of this project."""
    return parse_prices(tomllib.loads(files(__package__).joinpath("prices.toml").read_text(encoding="utf-8")))


def read_prices(path: Path | None) -> Prices:
    """Read a price list from a file, or the project's own. What the file leaves out keeps the project's price."""
    committed = committed_prices()
    if path is None:
        return committed
    try:
        given = parse_prices(tomllib.loads(path.read_text(encoding="utf-8")))
        unknown = given.by_name.keys() - committed.by_name.keys()
        if unknown:
            raise KeyError(f"unknown price {min(unknown)}")
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CafeError(
            f"The prices in {path} cannot be read: {error}",
            "Copy cafe/answers/cost/prices.toml, and change its figures.",
        ) from error
    return Prices(given.region, {**committed.by_name, **given.by_name})
