"""A store that is filled beside other work has all that came, or nothing of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from milia.errors import BadSource
from milia.names import PREFIXES
from milia.store import Making, versioned, whole_store
from milia.store.filling import Filling
from milia.store.oxigraph import OxigraphStore

ELSEWHERE = "https://example.org/graph"
UNION = PREFIXES["graph"] + "facts"


def line(number: int, graph: str = ELSEWHERE) -> bytes:
    return f"<urn:a{number}> <urn:b> <urn:c> <{graph}> .\n".encode()


def held(store: OxigraphStore) -> int:
    return len(list(store.quads()))


def put_for_ever(filling: Filling) -> None:
    while True:
        filling.put(b"nonsense\n")


@pytest.mark.parametrize("count", [0, 1, 3, 20])
def test_all_that_was_put_is_there(tmp_path: Path, count: int) -> None:
    """However many texts come, more than may wait among them, they are there in the end."""
    with Making(tmp_path) as made:
        for number in range(count):
            made.put(line(number))
        made.settle()
        assert held(made.store) == count


def test_more_comes_after_it_began_to_settle(tmp_path: Path) -> None:
    """What is put afterwards is there too; the union has what stands in one of its graphs."""
    with Making(tmp_path) as made:
        made.put(line(1))
        made.begin_to_settle()
        made.put(line(2, UNION))
        made.keep(versioned(tmp_path / "made"))
    assert whole_store(versioned(tmp_path / "made"))
    store = OxigraphStore(versioned(tmp_path / "made") / "store", read_only=True)
    assert held(store) == 2
    assert [str(row[0]) for row in store.query("SELECT ?s WHERE { ?s ?p ?o }").rows] == ["<urn:a2>"]


def test_nothing_of_it_is_there_where_something_is_damaged(tmp_path: Path) -> None:
    """A line that is no N-Quads is told when the store is settled, and what came with it is left out."""
    with Making(tmp_path) as made:
        made.put(line(1))
        made.put(b"<urn:a> <urn:b> .\n")
        with pytest.raises(BadSource, match="is damaged"):
            made.settle()
        assert held(made.store) == 0


def test_it_is_told_to_whoever_puts_more() -> None:
    """Whoever goes on after the store has refused something does not wait for ever."""
    filling = Filling(OxigraphStore())
    with pytest.raises(BadSource, match="is damaged"):
        put_for_ever(filling)
    filling.give_up()


def test_a_store_that_is_given_up_is_removed(tmp_path: Path) -> None:
    """Where it was not kept, as when the work beside it failed, nothing stays of the store."""
    with Making(tmp_path) as made:
        made.put(line(1))
    assert not list(tmp_path.iterdir())
