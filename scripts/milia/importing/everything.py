"""Read a whole release of the HPO project: each of its diseases, terms and annotations, as an overlay.

What the project knows stands for what it is mapped to; for the rest things are made, named after their codes.
The files are laid out so that a build can work on them apart: a disease, its mapping and its claims stand in
files of one name, and which name that is depends on the disease's code alone.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from milia.errors import Misuse
from milia.importing.annotations import claim_all
from milia.importing.compare import held
from milia.importing.hpo import map_terms, open_reader
from milia.importing.hpoa import Annotation, read_annotations
from milia.importing.known import Known
from milia.importing.reader import Files, Reader
from milia.importing.records import Record, document, text, write_claims
from milia.mappings import SUFFIX, VOCABULARIES, read_vocabularies
from milia.model import Finding
from milia.names import BASE, PREFIXES
from milia.paths import Home

__all__ = ["Whole", "is_ours", "read_everything"]

FOLDER: Final = "hpo-annotations"
_CLAIMS: Final = "claims/hpo-annotations.ttl"
_OWN: Final = "own"  # claims on things of the project
_TERMS: Final = "terms"
_PARTS: Final = 24  # files for the diseases of one database: some 3,000 to 8,000 rows each
# how things that are made are named and what they are, by the aspect of the rows that speak of a term
_KINDS: Final = {"P": ("finding", "Sign"), "I": ("inheritance", "ModeOfInheritance")}
_DISEASES: Final = {"OMIM": ("omim", "OMIM", "omim"), "ORPHA": ("orpha", "Orphanet", "orphanet.ordo")}
_COLUMNS: Final = (
    *("subject_id", "subject_label", "predicate_id", "object_id", "mapping_justification", "author_id"),
    *("confidence", "object_source", "object_source_version", "mapping_date"),
)


def is_ours(path: Path) -> bool:
    """Say whether a file in a folder of such overlays is one that an import writes."""
    folders = "|".join(folder for folder, *_ in _DISEASES.values())
    names = rf"(?:{_TERMS}|{_OWN}|(?:{folders})-[0-9]{{2}})(?:\.ttl|{re.escape(SUFFIX)})"
    return path.parent.name == FOLDER and bool(re.fullmatch(names, path.name))


class _All:
    """Holds anything: every disease, every term."""

    def __contains__(self, item: object) -> bool:
        return True


@dataclass(frozen=True)
class _Made:
    """A thing that the project does not know, named after its code."""

    thing: str
    kind: str
    code: str
    label: str
    definition: str
    vocabulary: str
    file: str


@dataclass(frozen=True)
class Whole:
    """A release as an overlay: the content of each file by its path, and what stood in the way."""

    release: str
    contents: dict[str, str]
    findings: tuple[Finding, ...]
    tally: Counter[str]
    claims: int
    things: int


def read_everything(home: Home, files: Files) -> Whole:
    """Read a release and return the overlay that holds all of it but what the project has imported itself.

    Raises:
        BadSource: a file cannot be read, or the project does not map milia to the HPO.
        Misuse: the project is an installed one, without the tables an import reads.
    """
    if home.installed:
        msg = (
            "this milia is installed, without the tables an import reads; name a project's folder with --home"
        )
        raise Misuse(msg)
    reader = open_reader(home, files)
    map_terms(reader)
    rows = read_annotations(files.annotations, _All(), _All())
    reader.harvest.release = rows.version
    read = [row for row in rows.rows if _prefix(row) in _DISEASES and row.aspect in _KINDS]
    reader.count("of other databases or aspects", len(rows.rows) - len(read))
    made = [*_terms(reader, read), *_diseases(reader.known, read)]
    reader.known = _knowing(reader.known, made)
    reader.things |= {m.code: m.thing for m in made if m.code.startswith("HP:")}
    claim_all(reader, read)
    has = held(home.data / _CLAIMS, _CLAIMS)
    claims = [r for r in reader.harvest.annotations if r.path not in has]
    files_of = {m.thing: m.file for m in made}
    spaces = {v.prefix: v.space for v in read_vocabularies(home.data / "mappings" / VOCABULARIES)}
    return Whole(
        release=rows.version,
        contents=dict(
            sorted([*_concepts(made), *_mappings(made, rows.version, spaces), *_claims(claims, files_of)])
        ),
        findings=tuple(sorted(reader.harvest.findings)),
        tally=reader.harvest.tally,
        claims=len(claims),
        things=len(made),
    )


def _prefix(row: Annotation) -> str:
    return row.database_id.partition(":")[0]


def _terms(reader: Reader, rows: Iterable[Annotation]) -> Iterator[_Made]:
    """Yield a thing for each term that a row speaks of and that is mapped to nothing of ours."""
    aspects = {}
    for row in rows:
        current = reader.terms.current(row.hpo_id)
        if current and current not in reader.things:
            aspects[current] = row.aspect
    names = _unlike({code: reader.terms.name(code) for code in aspects}, reader.known)
    for code, aspect in sorted(aspects.items()):
        folder, kind = _KINDS[aspect]
        yield _Made(
            thing=f"{folder}:{code.lower().replace(':', '-')}",
            kind=kind,
            code=code,
            label=names[code],
            definition=f"What the Human Phenotype Ontology lists as {code}.",
            vocabulary="hp",
            file=_TERMS,
        )


def _diseases(known: Known, rows: Iterable[Annotation]) -> Iterator[_Made]:
    """Yield a thing for each disease that is mapped to nothing of ours."""
    found = {row.database_id: row.disease_name for row in rows if row.database_id not in known.codes}
    for code, name in sorted(_unlike(found, known).items()):
        prefix, _, number = code.partition(":")
        folder, title, vocabulary = _DISEASES[prefix]
        yield _Made(
            thing=f"condition:{folder}-{number}",
            kind="Disorder",
            code=f"{title}:{number}",
            label=name,
            definition=f"What {title} lists as {number}.",
            vocabulary=vocabulary,
            file=f"{folder}-{_part(number):02}",
        )


def _unlike(names: Mapping[str, str], known: Known) -> dict[str, str]:
    """Return names by code, with the code behind those that another thing has, too."""
    count = Counter(name.lower() for name in [*known.names, *names.values()])
    return {c: name if count[name.lower()] == 1 else f"{name} ({c})" for c, name in names.items()}


def _part(number: str) -> int:
    """Return the file of a disease: by its code alone, so that a new disease moves no other."""
    return int.from_bytes(hashlib.sha256(number.encode()).digest()[:4], "big") % _PARTS


def _knowing(known: Known, made: Sequence[_Made]) -> Known:
    """Return what is known with the things that were made."""
    prefixes = {title: prefix for prefix, (_, title, _) in _DISEASES.items()}
    codes = {}
    for m in made:
        prefix, _, number = m.code.partition(":")
        codes[f"{prefixes.get(prefix, prefix)}:{number}"] = (m.thing,)
    return replace(
        known,
        labels=known.labels | {m.thing: m.label for m in made},
        classes=known.classes | {m.thing: known.kinds[m.kind] for m in made},
        codes=known.codes | codes,
    )


def _by_file(made: Iterable[_Made]) -> dict[str, list[_Made]]:
    files = defaultdict[str, list[_Made]](list)
    for m in made:
        files[m.file].append(m)
    return files


def _concepts(made: Iterable[_Made]) -> Iterator[tuple[str, str]]:
    for file, things in _by_file(made).items():
        yield f"concepts/{FOLDER}/{file}.ttl", document(map(_concept, things))


def _concept(made: _Made) -> str:
    return " ;\n    ".join(
        [
            f"{made.thing} a milia:{made.kind}",
            f"skos:prefLabel {text(made.label)}@en",
            f"skos:definition {text(made.definition)}@en",
            "skos:inScheme <scheme/milia> .",
        ]
    )


def _mappings(made: Iterable[_Made], release: str, spaces: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for file, things in _by_file(made).items():
        yield f"mappings/{FOLDER}/{file}{SUFFIX}", _mapping_file(file, things, release, spaces)


def _mapping_file(file: str, things: Sequence[_Made], release: str, known: Mapping[str, str]) -> str:
    """Write a table of mappings: each thing that was made is what its code means."""
    out = io.StringIO()
    used = sorted({m.thing.partition(":")[0] for m in things})
    codes = {m.code.partition(":")[0]: known[m.vocabulary] for m in things}
    spaces = {"agent": f"{BASE}agent/", "bioregistry": "https://bioregistry.io/registry/"}
    spaces |= {prefix: PREFIXES[prefix] for prefix in used} | codes
    out.write("#curie_map:\n")
    out.writelines(f'#  {prefix}: "{space}"\n' for prefix, space in sorted(spaces.items()))
    out.write(f'#mapping_set_id: "{BASE}graph/data/mappings/{FOLDER}/{file}"\n')
    out.write('#license: "https://creativecommons.org/licenses/by/4.0/"\n')
    table = csv.writer(out, delimiter="\t", lineterminator="\n")
    table.writerow(_COLUMNS)
    for m in things:
        source = (f"bioregistry:{m.vocabulary}", release, release)
        match = ("skos:exactMatch", m.code, "semapv:UnspecifiedMatching", "agent:curators", "1.0")
        table.writerow((m.thing, m.label, *match, *source))
    return out.getvalue()


def _claims(claims: Iterable[Record], files: dict[str, str]) -> Iterator[tuple[str, str]]:
    found = defaultdict[str, list[Record]](list)
    for record in claims:
        found[files.get(record.subject, _OWN)].append(record)
    for file, records in found.items():
        yield f"claims/{FOLDER}/{file}.ttl", write_claims(records)
