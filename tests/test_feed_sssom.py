"""Mappings go out as they are kept, every row of them."""

from __future__ import annotations

from milia.export.sssom import write
from milia.kg import KnowledgeGraph
from milia.mappings import read_mappings


def test_every_mapping_is_handed_on(kg: KnowledgeGraph) -> None:
    files = write(kg)
    rows = sum(
        1
        for content in files.values()
        for line in content.decode().splitlines()
        if not line.startswith(("#", "subject_id\t"))
    )
    assert rows == len(read_mappings(kg.home))
    assert all(name.endswith(".sssom.tsv") for name in files)
