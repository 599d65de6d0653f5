"""Sums of floating-point numbers that come out the same, to the last bit, in whatever order they are added.

Each number becomes an integer by a power of two that fits them all; integers add up exactly. Of numbers down to
2^-38 of the largest nothing is lost; of smaller ones, what lies below 2^-91 of the largest.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

BITS = 92
"""Of the largest number's integer: 2^34 of them fit in the 127 bits of a HUGEINT."""


EXPONENT_MAX = 1000
"""Keeps the power within double precision; touches only what is all below 1e-270."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The power of two by which numbers become integers."""

    exponent: int

    @classmethod
    def for_largest(cls, magnitude: float | None) -> "Scale":
        """The scale for numbers up to a magnitude."""
        exponent = BITS - math.frexp(magnitude)[1] if magnitude else 0
        return cls(min(exponent, EXPONENT_MAX))

    def integer(self, number: str) -> str:
        """The integer of a number, in SQL."""
        return f"whole_of({number} * {_power(self.exponent)})"

    def number(self, integer: str) -> str:
        """The number of an integer, in SQL, rounded."""
        # The engine's cast is exact for 53 significant bits, but only of what is not negative.
        magnitude = f"CAST(abs({integer}) AS DOUBLE) * {_power(-self.exponent)}"
        return f"(CASE WHEN {integer} < 0 THEN -({magnitude}) ELSE {magnitude} END)"

    def exactly(self, integer: int) -> Fraction:
        """The number of an integer, exactly."""
        return Fraction(integer) / Fraction(2) ** self.exponent


def number(value: float) -> str:
    """A double as a literal in SQL, to the last bit."""
    return f"CAST({value!r} AS DOUBLE)"


def _power(exponent: int) -> str:
    return number(math.ldexp(1.0, exponent))
