"""Write our concepts as FHIR terminology: a code system, a value set a kind, a concept map a vocabulary.

One bundle for R4B and one for R5; only the concept maps differ.
"""

from __future__ import annotations

import json

from milia.export.feed import Feed, Files
from milia.export.fhir_codes import code_system, value_sets
from milia.export.fhir_maps import concept_maps
from milia.export.fhir_terms import RELEASES, Json
from milia.kg import KnowledgeGraph

__all__ = ["FEED", "write"]


def write(kg: KnowledgeGraph) -> Files:
    """Return `milia-fhir-r4b.json` and `milia-fhir-r5.json`."""
    system = code_system(kg)
    return {f"milia-fhir-{r.lower()}.json": _bundle(kg, system, r) for r in RELEASES}


def _bundle(kg: KnowledgeGraph, system: Json, release: str) -> bytes:
    resources = [system, *value_sets(system), *concept_maps(kg, system, release)]
    bundle = {
        "resourceType": "Bundle",
        "id": f"milia-{release.lower()}",
        "type": "collection",
        "entry": [{"fullUrl": resource["url"], "resource": resource} for resource in resources],
    }
    return (json.dumps(bundle, indent=1, ensure_ascii=False) + "\n").encode()


FEED = Feed(
    "fhir",
    "FHIR terminology (R4B and R5)",
    "clinical systems and terminology servers",
    "fhir.resources",
    write,
)
