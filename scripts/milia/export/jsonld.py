"""Write JSON-LD that a web developer can read: compact, against the published context.

Our own writer, since the library at hand loses values such as 0 and false, and is slower by far. It knows the
part of JSON-LD 1.1 that `ontology/context.jsonld` uses: terms, prefixes, `@vocab`, `@type` coercion and
language maps. What a term cannot carry is written out in full, never bent.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, Triple

from milia.errors import BadSource
from milia.export.selection import Selection
from milia.names import PREFIXES, Term, plain

__all__ = ["Context", "write"]

_XSD: Final = PREFIXES["xsd"]
_TYPE: Final = PREFIXES["rdf"] + "type"
_NATIVE: Final = {_XSD + "integer", _XSD + "boolean"}
_LARGEST: Final = 2**53  # the largest whole number every JSON reader keeps exactly

Json = dict[str, Any]


def write(selection: Selection) -> bytes:
    """Write statements as compact JSON-LD, its context inside, so that it reads without a network.

    The whole dataset keeps its named graphs; a part of it is one list of things.
    """
    context = Context.read(selection.home.ontology / "context.jsonld")
    if selection.whole:
        graphs: dict[str, list[Triple]] = defaultdict(list)
        for quad in selection.quads:
            graphs[plain(quad.graph_name)].append(quad.triple)  # type: ignore[arg-type]
        members = [
            {"id": context.name(g), "@graph": context.things(triples)}
            for g, triples in sorted(graphs.items())
        ]
    else:
        members = context.things(selection.union)
    document = {"@context": context.source, "@graph": members}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


class Context:
    """A JSON-LD context, read backwards: from IRIs and values to the short forms that stand for them."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        """Take what stands under `@context`."""
        self.source = source
        self._vocab = str(source.get("@vocab", ""))
        self._definitions = {
            term: v if isinstance(v, dict) else {"@id": v} for term, v in source.items() if term[:1] != "@"
        }
        self._iris = {term: self._expand(d["@id"]) for term, d in self._definitions.items() if "@id" in d}
        names = {term: iri for term, iri in self._iris.items() if not iri.startswith("@")}
        self._prefixes = sorted(
            ((iri, term) for term, iri in names.items() if iri.endswith(("/", "#")) or self._is_prefix(term)),
            key=lambda pair: (-len(pair[0]), pair[1]),
        )
        prefixes = {term for _, term in self._prefixes}
        self._names: dict[str, str] = {}  # what `name` has found so far: most IRIs come many times
        self._terms = {iri: term for term, iri in names.items() if term not in prefixes}

    @classmethod
    def read(cls, path: Path) -> Context:
        """Read a context file.

        Raises:
            BadSource: the file is missing, no JSON, or holds no context.
        """
        try:
            return cls(json.loads(path.read_text(encoding="utf-8"))["@context"])
        except OSError as error:
            raise BadSource(path, None, f"cannot be read: {error.strerror}") from error
        except json.JSONDecodeError as error:
            raise BadSource(path, error.lineno, f"is not JSON: {error.msg}") from error
        except (UnicodeDecodeError, AttributeError, TypeError, KeyError) as error:
            raise BadSource(path, None, "is no JSON-LD context: it holds no '@context'") from error

    def _is_prefix(self, term: str) -> bool:
        return self._definitions[term].get("@prefix") is True

    def _expand(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        if not colon or local.startswith("//") or prefix not in self._definitions:
            return name
        return self._expand(str(self._definitions[prefix]["@id"])) + local

    def name(self, iri: str) -> str:
        """Return an IRI as it is written where a thing is meant: prefixed, or whole."""
        if iri not in self._names:
            starts = ((s, p) for s, p in self._prefixes if iri.startswith(s) and len(iri) > len(s))
            start, prefix = next(starts, ("", ""))
            self._names[iri] = f"{prefix}:{iri[len(start) :]}" if start else iri
        return self._names[iri]

    def word(self, iri: str) -> str:
        """Return an IRI as it is written where a word is meant: a term, a bare name, else as a thing."""
        if iri in self._terms:
            return self._terms[iri]
        local = iri.removeprefix(self._vocab)
        if self._vocab and local != iri and ":" not in local and self._iris.get(local, iri) == iri:
            return local
        return self.name(iri)

    def things(self, triples: Iterable[Triple]) -> list[Json]:
        """Return statements as one object a subject, in the order of their names."""
        by_subject: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for t in triples:
            by_subject[_ident(t.subject)][t.predicate.value].append(t.object)
        return [self._thing(subject, by_subject[subject]) for subject in sorted(by_subject)]

    def _thing(self, subject: str, said: Mapping[str, list[Term]]) -> Json:
        thing: Json = {"id": self.name(subject)}
        types = sorted(self.word(_ident(o)) for o in said.get(_TYPE, ()) if not isinstance(o, Literal))
        if types:
            thing["type"] = types[0] if len(types) == 1 else types
        fields: dict[str, list[Any]] = defaultdict(list)
        languages: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for predicate, values in said.items():
            term = self.word(predicate)
            for value in values:
                if predicate == _TYPE and not isinstance(value, Literal):
                    continue
                if not self._takes_languages(term):
                    fields[term].append(self._value(term, value))
                elif isinstance(value, Literal) and value.language:
                    languages[term][value.language].append(value.value)
                else:  # a language map has no place for it: under the IRI, which has no such rule
                    fields[self.name(predicate)].append(self._value("", value))
        for term, texts in languages.items():
            fields[term].append({tag: _one_or_all(sorted(found)) for tag, found in sorted(texts.items())})
        return thing | {term: _one_or_all(_in_order(fields[term])) for term in sorted(fields)}

    def _takes_languages(self, term: str) -> bool:
        return self._definitions.get(term, {}).get("@container") == "@language"

    def _value(self, term: str, value: Term) -> Any:  # noqa: ANN401  JSON
        coerced = self._definitions.get(term, {}).get("@type")
        if not isinstance(value, Literal):
            name = self.word(_ident(value)) if coerced == "@vocab" else self.name(_ident(value))
            return name if coerced in {"@id", "@vocab"} else {"id": name}
        datatype = value.datatype.value
        if coerced is not None or value.language:
            as_declared = not value.language and self._expand(str(coerced)) == datatype
            return value.value if as_declared else self._spelt_out(value)
        if datatype == _XSD + "string":
            return value.value
        native = _native(value) if datatype in _NATIVE else None
        return self._spelt_out(value) if native is None else native

    def _spelt_out(self, value: Literal) -> Json:
        """Return a literal with its language or datatype beside it, whatever the term says."""
        if value.language:
            return {"@value": value.value, "@language": value.language}
        if value.datatype.value == _XSD + "string":
            return {"@value": value.value}
        return {"@value": value.value, "@type": self.name(value.datatype.value)}


def _ident(term: Term) -> str:
    return f"_:{term.value}" if isinstance(term, BlankNode) else plain(term)


def _native(value: Literal) -> int | bool | None:
    """Return a JSON number or truth value where it reads back as the very same literal."""
    if value.value in {"true", "false"}:
        return value.value == "true"
    try:
        number = int(value.value)
    except ValueError:
        return None
    return number if str(number) == value.value and abs(number) <= _LARGEST else None


def _one_or_all(values: list[Any]) -> Any:  # noqa: ANN401  JSON
    return values[0] if len(values) == 1 else values


def _in_order(values: list[Any]) -> list[Any]:
    return sorted(values, key=_as_text) if len(values) > 1 else values


def _as_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
