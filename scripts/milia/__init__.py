"""Milia: a traceable knowledge graph of one skin condition.

>>> import milia
>>> kg = milia.open()
>>> kg.ask("ASK { condition:milia milia:affects site:eyelid }").truth
True
"""

from milia.errors import MiliaError
from milia.explain import Proof
from milia.kg import KnowledgeGraph
from milia.model import Claim, Evidence, Fact, Finding, Span
from milia.names import VERSION
from milia.opening import open_project
from milia.store.base import Answer

open = open_project  # noqa: A001  the name a reader expects: milia.open()

__all__ = [
    "Answer",
    "Claim",
    "Evidence",
    "Fact",
    "Finding",
    "KnowledgeGraph",
    "MiliaError",
    "Proof",
    "Span",
    "open",
]
__version__ = VERSION
