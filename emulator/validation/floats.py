"""Numbers as the service holds them in a Float, which has 32 bits."""

import struct

_DIGITS = 9
"""Of a number in decimal: always enough to tell one Float from all others."""


def shortest(number: float) -> float | None:
    """The number of fewest digits that is the same Float, as the service tells it again; None beyond them all."""
    held = _held(number)
    if held is None:
        return None
    shorter = (float(f"{held:.{places}e}") for places in range(_DIGITS))
    return next(candidate for candidate in shorter if _held(candidate) == held)


def _held(number: float) -> float | None:
    """The Float next to a finite number; None where there is none."""
    try:
        (held,) = struct.unpack("<f", struct.pack("<f", number))
    except OverflowError:
        return None
    return float(held)
