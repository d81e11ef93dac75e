"""Hand on the mappings to other vocabularies as they are kept: SSSOM/TSV, one file a vocabulary."""

from __future__ import annotations

from milia.export.feed import Feed, Files
from milia.kg import KnowledgeGraph
from milia.mappings import SUFFIX

__all__ = ["FEED", "write"]


def write(kg: KnowledgeGraph) -> Files:
    """Return a file for each vocabulary; rejected mappings and vain searches stand in them too."""
    return {path.name: path.read_bytes() for _, path in kg.home.data_files(f"mappings/*{SUFFIX}")}


FEED = Feed("sssom", "Mappings", "mapping registries and tools for SSSOM", "sssom, bioregistry", write)
