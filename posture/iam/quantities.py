"""Sets of addresses, numbers and instants, as condition values describe them."""

import base64
import binascii
import ipaddress
from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from posture.frozen import dataclass

IPV6_OFFSET: Final = 1 << 32  # one line of integers: IPv4 first, IPv6 after it
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def address_number(text: str) -> int | None:
    """The place of an address on the common line, None where the text is no address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return int(address) + (IPV6_OFFSET if address.version == 6 else 0)  # IP version  # noqa: PLR2004  # fixed by the format


def address_text(number: int) -> str:
    """The address at a place of the common line."""
    if number < IPV6_OFFSET:
        return str(ipaddress.IPv4Address(number))
    return str(ipaddress.IPv6Address(number - IPV6_OFFSET))


def network(text: str) -> Network | None:
    """A CIDR block or a bare address, None where the text is neither."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def bounds(block: Network) -> tuple[int, int]:
    """First and last place of a block on the common line."""
    offset = IPV6_OFFSET if block.version == 6 else 0  # IP version  # noqa: PLR2004  # fixed by the format
    return int(block.network_address) + offset, int(block.broadcast_address) + offset


@dataclass(frozen=True, slots=True)
class Ranges:
    """Disjoint, sorted, closed ranges of the address line."""

    spans: tuple[tuple[int, int], ...]

    @staticmethod
    def of(blocks: Iterable[Network]) -> "Ranges":
        """The union of the blocks."""
        merged: list[tuple[int, int]] = []
        for low, high in sorted(map(bounds, blocks)):
            if merged and low <= merged[-1][1] + 1 and not (merged[-1][1] < IPV6_OFFSET <= low):
                merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
            else:
                merged.append((low, high))
        return Ranges(tuple(merged))

    def contains(self, number: int) -> bool:
        """Whether the place lies in one of the ranges."""
        index = bisect_right(self.spans, (number, 1 << 129)) - 1
        return index >= 0 and number <= self.spans[index][1]

    def covers(self, low: int, high: int) -> bool:
        """Whether one of the ranges holds the whole stretch."""
        index = bisect_right(self.spans, (low, 1 << 129)) - 1
        return index >= 0 and high <= self.spans[index][1]

    def meets(self, low: int, high: int) -> bool:
        """Whether any of the stretch lies in the ranges."""
        return self.contains(low) or any(low <= first <= high for first, _ in self.spans)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The numbers that stand in a relation to any of the limits."""

    relation: str  # eq, lt, le, gt, ge
    limits: tuple[Decimal, ...]

    def contains(self, number: Decimal) -> bool:
        """Whether the relation holds for one of the limits."""
        return any(_compare(self.relation, number, limit) for limit in self.limits)


def _compare(relation: str, number: Decimal, limit: Decimal) -> bool:
    match relation:
        case "lt":
            return number < limit
        case "le":
            return number <= limit
        case "gt":
            return number > limit
        case "ge":
            return number >= limit
        case _:
            return number == limit


def number(text: str) -> Decimal | None:
    """A finite decimal number, None where the text is none."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value.adjusted()) < 64 else None  # keeps arithmetic exact  # noqa: PLR2004  # fixed by the format


def instant(text: str) -> Decimal | None:
    """Seconds since 1970 from ISO 8601 or epoch seconds, None where the text is neither."""
    plain = number(text)
    if plain is not None and not (len(text) == 4 and text.isdigit()):  # a bare year is ISO 8601  # noqa: PLR2004  # fixed by the format
        return plain
    padded = text + "-01-01" if len(text) == 4 else text + "-01" if len(text) == 7 else text  # YYYY, YYYY-MM  # noqa: PLR2004  # fixed by the format
    try:
        moment = datetime.fromisoformat(padded)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return Decimal(str(aware.timestamp()))
    except (OverflowError, ValueError):
        return None


def instant_text(value: Decimal) -> str:
    """An instant as ISO 8601 in UTC, or as plain seconds where the calendar cannot hold it."""
    try:
        return datetime.fromtimestamp(float(value), tz=UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return f"{value:f}"


def is_base64(text: str) -> bool:
    """Whether the text is what a binary condition value must be."""
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
