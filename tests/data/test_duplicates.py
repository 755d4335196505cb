from hypothesis import given
from hypothesis import strategies as st

from molgen.data import duplicates
from molgen.data.duplicates import Seen

KEYS = st.lists(st.sampled_from(["", "a", "b", "RYYVLZVUVIJVGH-UHFFFAOYSA-N", *"cdefgh"]), max_size=60)


def expected(keys):
    """By the plain way: a dictionary of everything."""
    first = {}
    pairs = [(row, first.setdefault(key, row)) for row, key in enumerate(keys) if key]
    return [(row, before) for row, before in pairs if row != before]


@given(KEYS, st.integers(1, 20), st.integers(1, 20))
def test_chunks_and_files_find_what_a_dictionary_finds(tmp_path_factory, keys, chunk, held):
    seen = Seen(tmp_path_factory.mktemp("keys"))
    before, duplicates._HELD = duplicates._HELD, held
    try:
        for start in range(0, len(keys), chunk):
            seen.add(start, keys[start : start + chunk])
    finally:
        duplicates._HELD = before
    found = seen.repeats()
    assert list(zip(found.rows.tolist(), found.first.tolist())) == expected(keys)
    assert [row for row, again in enumerate(seen.duplicates()) if again] == [row for row, _ in expected(keys)]
    assert len(seen.duplicates()) == len(keys)


def test_rows_may_come_in_any_order(tmp_path):
    seen = Seen(tmp_path)
    seen.add(2, ["a", "b"])
    seen.add(0, ["b", "c"])
    assert seen.duplicates().tolist() == [False, False, False, True]


def test_many_keys_are_all_told_apart(tmp_path):
    seen = Seen(tmp_path)
    for start in range(0, 500_000, 50_000):
        seen.add(start, [f"key-{row}" for row in range(start, start + 50_000)])
    seen.add(500_000, ["key-7", "key-499999"])
    found = seen.repeats()
    assert (found.rows.tolist(), found.first.tolist()) == ([500_000, 500_001], [7, 499_999])
