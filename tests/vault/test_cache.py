"""The key cache: how long a key stays, which one goes first, and that nothing shows it."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest

from connections.vault import KeyCache

FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Loader:
    """Gives a new key at each call, so that a held key and a loaded one differ."""

    def __init__(self):
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return b"key-%d" % self.calls


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def load():
    return Loader()


@pytest.mark.parametrize(
    ("seconds", "calls"),
    [(0, 1), (299.9, 1), (300, 2), (100_000, 2)],
    ids=["at once", "just before", "at the end", "long after"],
)
def test_key_is_held_for_its_time(clock, load, seconds, calls):
    cache = KeyCache(300, clock=clock)
    assert cache.get(FIRST, 1, load) == b"key-1"
    clock.now += seconds
    assert cache.get(FIRST, 1, load) == b"key-%d" % calls
    assert load.calls == calls


def test_use_does_not_prolong_the_time(clock, load):
    cache = KeyCache(300, clock=clock)
    for _ in range(4):
        cache.get(FIRST, 1, load)
        clock.now += 100
    assert load.calls == 2


def test_expired_keys_of_others_are_dropped_at_any_use(clock, load):
    cache = KeyCache(300, clock=clock)
    cache.get(FIRST, 1, load)
    cache.get(SECOND, 1, load)
    clock.now += 300
    cache.get(THIRD, 1, load)
    assert repr(cache) == "KeyCache(entries=1, max_entries=1024)"


@pytest.mark.parametrize(
    ("workspace_id", "version"),
    [(SECOND, 1), (FIRST, 2)],
    ids=["other workspace", "other version"],
)
def test_key_is_held_per_workspace_and_version(clock, load, workspace_id, version):
    cache = KeyCache(300, clock=clock)
    assert cache.get(FIRST, 1, load) == b"key-1"
    assert cache.get(workspace_id, version, load) == b"key-2"
    assert cache.get(FIRST, 1, load) == b"key-1"


def test_oldest_key_makes_room(clock, load):
    cache = KeyCache(300, max_entries=2, clock=clock)
    for workspace_id in (FIRST, SECOND, THIRD):
        cache.get(workspace_id, 1, load)
    assert repr(cache) == "KeyCache(entries=2, max_entries=2)"
    assert cache.get(SECOND, 1, load) == b"key-2"
    assert cache.get(THIRD, 1, load) == b"key-3"
    assert cache.get(FIRST, 1, load) == b"key-4"


def test_failed_load_is_passed_on_and_not_held(clock, load):
    cache = KeyCache(300, clock=clock)

    def fail():
        raise TimeoutError

    with pytest.raises(TimeoutError):
        cache.get(FIRST, 1, fail)
    assert cache.get(FIRST, 1, load) == b"key-1"


def test_slow_load_holds_up_nobody(load):
    """Two loads wait for each other: one at a time would never end."""
    cache, both_are_loading = KeyCache(), Barrier(2)

    def wait_for_the_other():
        both_are_loading.wait(timeout=10)
        return b"slow key"

    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(cache.get, one, 1, wait_for_the_other) for one in (FIRST, SECOND)]
        assert [future.result(timeout=20) for future in waiting] == [b"slow key"] * 2
    assert cache.get(FIRST, 1, load) == b"slow key"


def test_threads_get_the_key_they_asked_for():
    cache = KeyCache(ttl_seconds=0.001, max_entries=5)

    def ask(number):
        workspace_id = UUID(int=number % 20)
        return cache.get(workspace_id, 1, lambda: workspace_id.bytes) == workspace_id.bytes

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(4000)))
    assert int(repr(cache).split("=")[1].split(",")[0]) <= 5


def test_shown_cache_has_counts_only(clock):
    cache = KeyCache(300, clock=clock)
    cache.get(FIRST, 1, lambda: b"canary")
    for shown in (repr(cache), str(cache), f"{cache}"):
        assert shown == "KeyCache(entries=1, max_entries=1024)"


@pytest.mark.parametrize(
    "carry_off", [pickle.dumps, copy.copy, copy.deepcopy, vars], ids=lambda it: it.__name__
)
def test_cache_does_not_leave_the_process(clock, carry_off):
    cache = KeyCache(300, clock=clock)
    cache.get(FIRST, 1, lambda: b"canary")
    with pytest.raises(TypeError, match=r"(?!.*canary)"):
        carry_off(cache)
