from __future__ import annotations

from uuid import RFC_4122, UUID

from datasources.ids import new_id


def test_ids_are_random_uuids_as_postgresql_writes_them() -> None:
    ids = {new_id() for _ in range(1_000)}
    assert len(ids) == 1_000
    for id in ids:
        read = UUID(id)
        assert (str(read), read.version, read.variant) == (id, 4, RFC_4122)


def test_every_digit_that_may_vary_does() -> None:
    ids = [new_id() for _ in range(1_000)]
    varying = [place for place in range(36) if len({id[place] for id in ids}) > 1]
    assert varying == [place for place in range(36) if place not in {8, 13, 14, 18, 23}]
    assert {id[19] for id in ids} == set("89ab")
