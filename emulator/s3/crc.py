"""CRC32C and CRC64NVME, which Python has not, at the pace of a disk and in Python alone.

Byte by byte a hundred megabytes would take a minute. Here the content is one polynomial, in an integer: its upper part
is folded upon its lower one, at a distance at which a power of x leaves few terms. What holds for a distance holds for
its doubles, since to square a polynomial over two elements is to double its exponents; so a fold halves what is left.
"""

from functools import cache

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Of each byte the bit that is sent first is the highest power."""


class Crc:
    """The form of hashlib's objects. `distances` are some at which folding takes few terms, the longest first."""

    def __init__(self, polynomial: int, width: int, distances: tuple[int, ...]) -> None:
        self._polynomial = polynomial
        self._width = width
        self._folds = tuple((distance, _terms(polynomial, width, distance)) for distance in distances)
        self._left = (1 << width) - 1

    def update(self, piece: bytes) -> None:
        """Take in a part of the content."""
        content = int.from_bytes(piece.translate(_REVERSED), "big")
        self._left = _folded((self._left << 8 * len(piece)) ^ (content << self._width), *self._folds[0])

    def digest(self) -> bytes:
        """That of all parts, as S3 encodes it."""
        left = self._left
        for distance, terms in self._folds:
            left = _folded(left, distance, terms)
        found = _remainder(left, self._polynomial, self._width) ^ ((1 << self._width) - 1)
        return found.to_bytes(self._width // 8, "big").translate(_REVERSED)[::-1]


def crc32c() -> Crc:
    """Castagnoli's polynomial, as iSCSI has it."""
    return Crc(0x1_1EDC6F41, 32, (73_444, 75))


def crc64nvme() -> Crc:
    """The polynomial of the NVM Express specification."""
    return Crc(0x1_AD93D23594C93659, 64, (1_054_538, 234))


def _folded(value: int, distance: int, terms: tuple[int, ...]) -> int:
    """A value of the same remainder that is about as long as the distance at most."""
    doubled = max(0, (value.bit_length() // distance).bit_length() - 1)
    while value.bit_length() > distance:
        at = distance << doubled
        upper, value = value >> at, value & ((1 << at) - 1)
        for term in terms:
            value ^= upper << (term << doubled)
        if value.bit_length() <= at:
            doubled = max(0, doubled - 1)
    return value


@cache
def _terms(polynomial: int, width: int, distance: int) -> tuple[int, ...]:
    """The exponents in what the polynomial leaves of x to this power."""
    power = 1
    for bit in f"{distance:b}":
        squared = int("0".join(f"{power:b}"), 2)
        power = _remainder(squared << int(bit), polynomial, width)
    return tuple(exponent for exponent in range(width) if power >> exponent & 1)


def _remainder(value: int, polynomial: int, width: int) -> int:
    while (excess := value.bit_length() - 1 - width) >= 0:
        value ^= polynomial << excess
    return value
