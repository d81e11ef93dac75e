"""Write JSON-LD that a web developer can read: compact, against the published context."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

from milia.errors import BadSource
from milia.export.selection import Selection

__all__ = ["write"]


def write(selection: Selection) -> bytes:
    """Write statements as compact JSON-LD, its context inside, so that it reads without a network.

    The whole dataset keeps its named graphs; a part of it is one list of things.
    """
    import rdflib
    from rdflib.plugins.serializers.jsonld import from_rdf

    context = _context(selection.home.ontology / "context.jsonld")
    data = rdflib.Dataset()
    statements = selection.quads if selection.whole else selection.union()
    with warnings.catch_warnings():  # rdflib warns of what its own serializer calls
        warnings.filterwarnings("ignore", r"Dataset\.", DeprecationWarning)
        data.parse(data="".join(f"{s} .\n" for s in statements), format="nquads")
        document = from_rdf(data, context_data=context, use_native_types=True)  # type: ignore[no-untyped-call]
    return (json.dumps(_ordered(document), ensure_ascii=False, indent=1) + "\n").encode()


def _ordered(value: Any) -> Any:  # noqa: ANN401  JSON
    """Put keys and the members of sets in order: rdflib gives them as its hash tables hold them."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda k: (k != "@context", k != "id", k != "type", k))
        return {k: value[k] if k in {"@context", "@list"} else _ordered(value[k]) for k in keys}
    if isinstance(value, list):
        return sorted(map(_ordered, value), key=lambda v: json.dumps(v, ensure_ascii=False))
    return value


def _context(path: Path) -> Any:  # noqa: ANN401  a JSON-LD context has many shapes
    try:
        return json.loads(path.read_text(encoding="utf-8"))["@context"]
    except OSError as error:
        raise BadSource(path, None, f"cannot be read: {error.strerror}") from error
    except json.JSONDecodeError as error:
        raise BadSource(path, error.lineno, f"is not JSON: {error.msg}") from error
    except (UnicodeDecodeError, TypeError, KeyError) as error:
        raise BadSource(path, None, "is no JSON-LD context: it holds no '@context'") from error
