"""So many a minute, by address; nobody else pays for it."""

from venue.rate_cap import RateCap


def test_address_may_try_so_often_a_minute() -> None:
    cap = RateCap(60)
    assert [cap.take("a", 0.0) for _ in range(61)] == [True] * 60 + [False]
    assert cap.take("b", 0.0)
    assert [cap.take("a", 2.0) for _ in range(3)] == [True, True, False]
    assert [cap.take("a", 1e6) for _ in range(61)] == [True] * 60 + [False]


def test_table_of_addresses_is_bounded() -> None:
    cap = RateCap(1, most=2)
    for address in ("a", "b", "c"):
        assert cap.take(address, 0.0)
    assert not cap.take("c", 0.0)
    assert cap.take("a", 0.0), "the oldest was forgotten"
