"""Watching: an edit, a new file and a removal are seen, and a fault does not end the watch."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from milia import watch
from milia.errors import BadSource
from milia.model import Finding
from milia.paths import Home


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Return a small project that is looked at often."""
    monkeypatch.setattr(watch, "_PAUSE", 0.01)
    for name in ("ontology", "data/claims", "queries/checks"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "data/claims/a.ttl").write_text("# one\n", encoding="utf-8")
    return Home(tmp_path)


def _next(seen: Iterator[list[str]]) -> list[str]:
    """Return what is seen next; nothing seen for five seconds is a failure, not a hang."""
    found: list[list[str]] = []
    looking = threading.Thread(target=lambda: found.append(next(seen)), daemon=True)
    looking.start()
    looking.join(5)
    assert found, "no change was seen"
    return found[0]


def test_changes_are_seen(place: Home) -> None:
    seen = watch.changes(place)
    assert _next(seen) == []
    edited, new = place.data / "claims/a.ttl", place.queries / "checks/new.rq"
    edited.write_text("# one, and more\n", encoding="utf-8")
    assert _next(seen) == ["data/claims/a.ttl"]
    new.write_text("ASK {}", encoding="utf-8")
    assert _next(seen) == ["queries/checks/new.rq"]
    new.unlink()
    assert _next(seen) == ["queries/checks/new.rq"]
    (place.ontology / "rules").mkdir()
    (place.data / "notes.txt").write_text("of no account", encoding="utf-8")
    (place.ontology / "rules" / "x.rls").write_text("", encoding="utf-8")
    assert _next(seen) == ["ontology/rules/x.rls"]


def test_an_edit_of_the_same_length_is_seen(place: Home) -> None:
    seen = watch.changes(place)
    assert _next(seen) == []
    path = place.data / "claims/a.ttl"
    before = path.stat()
    path.write_text("# two\n", encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert _next(seen) == ["data/claims/a.ttl"]


def test_the_watch_goes_on_after_a_fault_and_ends_quietly(
    place: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = Finding("rule", "https://w3id.org/milia/condition/milia", "is wrong")
    rounds: Iterator[list[str]] = iter([[], ["data/claims/a.ttl"], ["data/claims/a.ttl"]])

    def changes(home: Home) -> Iterator[list[str]]:
        assert home.root == place.root
        yield from rounds
        raise KeyboardInterrupt

    results: Iterator[list[Finding] | BadSource] = iter(
        [[], BadSource("data/claims/a.ttl", 3, "is broken"), [finding]]
    )

    def run_once(*_: object) -> list[Finding]:
        result = next(results)
        if isinstance(result, BadSource):
            raise result
        return result

    monkeypatch.setattr(watch, "changes", changes)
    monkeypatch.setattr(watch, "run_once", run_once)
    shown: list[list[Finding]] = []
    told: list[str] = []
    assert watch.watch(place, None, lambda f: shown.append(list(f)), told.append) == 0
    assert shown == [[], [finding]]
    assert [t for t in told if t.startswith("data/claims/a.ttl:3: is broken")]
    assert "stop with Ctrl-C" in told[0]
    assert "after data/claims/a.ttl" in told[-2]
