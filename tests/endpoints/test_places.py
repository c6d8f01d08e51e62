"""How many invocations are answered at once."""

from collections.abc import Iterator

import pytest

from emulator.endpoints.serving import Reply
from emulator.invocations import Places, _Held


class Unclosable:
    """Parts of an answer that cannot be given up."""

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    def close(self) -> None:
        """Break."""
        raise OSError("no such device")


def test_one_endpoint_leaves_room_for_others() -> None:
    """An endpoint with as many calls as it may have keeps no other one from being asked, up to a bound of all."""
    places = Places(2, 3)
    taken = [places.take("a") for _ in range(3)]
    assert [leave is not None for leave in taken] == [True, True, False]
    assert places.take("b") is not None
    assert places.take("c") is None
    assert taken[0] is not None
    taken[0]()
    assert places.take("c") is not None
    assert places.take("a") is None


def test_nothing_is_kept_of_endpoints_that_are_not_asked() -> None:
    """A name without calls takes no memory."""
    places = Places(2, 3)
    for name in range(100):
        leave = places.take(name)
        assert leave is not None
        leave()
    assert places.take("full") is not None
    assert len(vars(places)["_taken"]) == 1


def test_place_is_left_whatever_becomes_of_the_answer() -> None:
    """An answer that cannot be given up keeps no place from the calls that follow."""
    places = Places(1, 1)
    for _ in range(2):
        leave = places.take("a")
        assert leave is not None
        with pytest.raises(OSError, match="no such device"):
            _Held(Reply("text/plain", Unclosable()), leave).close()
