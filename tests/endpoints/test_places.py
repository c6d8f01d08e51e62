"""How many invocations are answered at once."""

from emulator.invocations import Places


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
