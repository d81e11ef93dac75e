"""Turn annotations into claims: how disorders that are listed with milia show themselves and are inherited.

A row that cannot be read as a claim is a finding, with what to do about it; nothing is guessed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from milia.importing.hpoa import Annotation, Annotations
from milia.importing.known import Known
from milia.importing.obo import Terms
from milia.importing.often import EXCLUDED, Often, read_often
from milia.importing.reader import MAPPINGS, MILIA, ONSETS, ORIGINS, Reader
from milia.importing.records import Record

__all__ = ["claim_all", "claim_annotations"]

_SOURCE: Final = "source:hpo-annotations"
# ECO classes by the letters of the evidence column
_EVIDENCE: Final = {"IEA": "eco:0000501", "PCS": "eco:0006017", "TAS": "eco:0000304"}
_SEXES: Final = {"FEMALE": "population:female", "MALE": "population:male"}
_ADDRESS = re.compile(r'https?://[^\s<>"{}|\\^`]+')


def claim_annotations(reader: Reader, rows: Annotations) -> set[str]:
    """Make claims of the rows of disorders listed with milia; return those in which milia were seen."""
    about = defaultdict[str, list[Annotation]](list)
    chosen = set[str]()
    for row in rows.rows:
        listed = _thing(reader, row) == MILIA
        condition = _condition(reader, row, listed=listed)
        if condition:
            about[condition].append(row)
            chosen |= {condition} if listed else set()
    _claim_rows(reader, {condition: about[condition] for condition in sorted(chosen)})
    claims = reader.harvest.annotations
    return {
        r.subject for r in claims if r.object == MILIA and r.affirms and not (r.counts and r.counts[0] == 0)
    }


def claim_all(reader: Reader, rows: Iterable[Annotation]) -> None:
    """Make claims of the rows of every disorder; what they are about is known already."""
    about = defaultdict[str, list[Annotation]](list)
    for row in rows:
        condition = _condition(reader, row, listed=True)
        if condition:
            about[condition].append(row)
    _claim_rows(reader, about)


def _claim_rows(reader: Reader, about: Mapping[str, Sequence[Annotation]]) -> None:
    for condition, rows in about.items():
        reader.count("rows of these disorders", len(rows))
        for row in _consistent(reader, rows):
            _claim(reader, condition, row)


def _condition(reader: Reader, row: Annotation, *, listed: bool) -> str | None:
    """Return the condition that a row is about; that it is missing matters only if the row lists milia."""
    things = reader.known.codes.get(row.database_id, ())
    if len(things) == 1 and reader.known.is_a(things[0], "Condition"):
        return things[0]
    if not listed:
        return None
    vocabulary = "orphanet" if row.database_id.startswith("ORPHA:") else "omim"
    if not things:
        message = (
            f"'{row.disease_name}' is listed with milia and is mapped to no condition: add the disorder to "
            f"data/concepts/disorders.ttl and its exactMatch to {MAPPINGS}/{vocabulary}.sssom.tsv"
        )
        reader.find("disease-unmapped", row.database_id, reader.line(row.line), message)
    elif len(things) > 1:
        message = f"is mapped to {', '.join(things)}: keep one exactMatch"
        reader.find("two-things", row.database_id, reader.known.places[row.database_id], message)
    else:
        message = (
            f"is mapped to {things[0]}, no condition of ours: add it to data/concepts, or correct the mapping"
        )
        reader.find("no-such-condition", row.database_id, reader.known.places[row.database_id], message)
    return None


def _consistent(reader: Reader, rows: Iterable[Annotation]) -> list[Annotation]:
    """Leave out rows that affirm and deny one thing of one disease with one reference."""
    rows = list(rows)
    stances = defaultdict[tuple[str, str, str], dict[bool, int]](dict)
    for row in rows:
        place = (row.database_id, row.hpo_id, row.reference)
        stances[place].setdefault(row.qualifier == "NOT" or row.frequency == EXCLUDED, row.line)
    kept = []
    for row in rows:
        lines = stances[row.database_id, row.hpo_id, row.reference]
        if len(lines) == 1:
            kept.append(row)
        elif _thing(reader, row):
            message = (
                f"goes with {row.hpo_id} in line {lines[False]} and without it in line {lines[True]}, both "
                f"after {row.reference}: tell the HPO project; neither row is taken"
            )
            focus = f"{row.database_id} {row.hpo_id}"
            reader.find("rows-at-odds", focus, reader.line(row.line), message)
    return kept


def _thing(reader: Reader, row: Annotation) -> str | None:
    return reader.things.get(reader.terms.current(row.hpo_id) or "")


def _claim(reader: Reader, condition: str, row: Annotation) -> None:
    """Add the claim of one row, or note why there is none."""
    thing = _thing(reader, row)
    predicate = _predicate(reader, condition, row, thing)
    if thing is None or predicate is None:
        return
    if reader.is_aside(row.key):
        reader.count("set aside for a stated reason")
        return
    often = read_often(row, reader.terms)
    if isinstance(often, str):
        reader.find("frequency-unknown", row.key, reader.line(row.line), often)
    elif row.evidence not in _EVIDENCE:
        message = f"has the evidence '{row.evidence}', which is none of {', '.join(_EVIDENCE)}"
        reader.find("evidence-unknown", row.key, reader.line(row.line), message)
    elif row.sex.upper() not in {"", *_SEXES}:
        message = f"has the sex '{row.sex}', which is none of {', '.join(_SEXES)}"
        reader.find("sex-unknown", row.key, reader.line(row.line), message)
    else:
        claim = _record(reader, (condition, predicate, thing), row, often)
        reader.harvest.annotations.append(claim)


def _record(reader: Reader, triple: tuple[str, str, str], row: Annotation, often: Often) -> Record:
    """Return the claim of a row that can be read."""
    subject, predicate, thing = triple
    origins, references = _references(reader.known, row.reference)
    return Record(
        source=_SOURCE,
        key=row.key,
        sha256=row.sha256,
        subject=subject,
        predicate=predicate,
        object=thing,
        comment=_comment(reader, subject, row, thing, often),
        evidence_type=_EVIDENCE[row.evidence],
        affirms=often.affirms,
        frequency=often.frequency,
        counts=often.counts,
        onset=_onset(reader, row),
        sex=_SEXES.get(row.sex.upper()),
        drawn_from=origins,
        references=references,
    )


def _predicate(reader: Reader, condition: str, row: Annotation, thing: str | None) -> str | None:
    """Return the property that links the disorder to the term, or None where the row says nothing of use."""
    known_ = reader.known
    if row.aspect == "I":
        if thing and known_.is_a(thing, "ModeOfInheritance"):
            return "milia:hasInheritance"
        message = (
            f"'{reader.terms.name(row.hpo_id)}' is a mode of inheritance that is mapped to none of ours: "
            f"add it to data/concepts and its exactMatch to {MAPPINGS}/hpo.sssom.tsv"
        )
        reader.find("inheritance-unmapped", row.hpo_id, reader.line(row.line), message)
    elif row.aspect != "P" or thing is None:
        reader.count("of terms that are mapped to nothing of ours")
    elif thing == condition or (thing == MILIA and known_.is_a(condition, "MiliaForm")):
        reader.count("say of a condition that it presents with itself")
    elif known_.is_a(thing, "Finding", "MiliaForm"):
        return "milia:presentsWith"
    else:
        message = (
            f"is mapped to {row.hpo_id} but is no finding, so its rows are left out: add the class milia:Sign"
        )
        reader.find("no-finding", thing, reader.line(row.line), message, grave=False)
    return None


def _onset(reader: Reader, row: Annotation) -> str | None:
    """Return the age group in which the finding first shows; the table says it where no mapping does."""
    if not row.onset:
        return None
    term = reader.terms.current(row.onset) or row.onset
    if term in reader.known.ages:
        return reader.known.ages[term]
    if term not in reader.onsets:
        message = f"'{reader.terms.name(term)}' is an onset without an age group: add it to {ONSETS}"
        reader.find("onset-unmapped", term, reader.line(row.line), message, grave=False)
    return reader.onsets.get(term) or None


def _references(known_: Known, reference: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the source of ours that a row was drawn from, and the addresses of what else it refers to.

    A claim is drawn from one source: of several it is a paper sooner than a database, and the first of them.
    """
    origins, addresses = dict[str, str](), set[str]()
    for part in filter(None, (p.strip() for p in reference.split(";"))):
        prefix, _, local = part.partition(":")
        origin = known_.papers.get(part) or ORIGINS.get(prefix)
        address = _address(prefix, local, part)
        if origin:
            origins[origin] = address
        elif address:
            addresses.add(address)
    drawn = sorted(origins, key=lambda origin: (origin in ORIGINS.values(), origin))[:1]
    others = (address for origin, address in origins.items() if origin not in drawn and address)
    return tuple(drawn), tuple(sorted({*addresses, *others}))


def _address(prefix: str, local: str, part: str) -> str:
    """Return the address of what a row refers to; empty for what has none."""
    if prefix == "PMID" and local.isdigit():
        return f"https://pubmed.ncbi.nlm.nih.gov/{local}/"
    if prefix in {"ISBN-10", "ISBN-13"}:
        return f"urn:isbn:{local.replace('-', '')}"
    return part if _ADDRESS.fullmatch(part) else ""


def _comment(reader: Reader, condition: str, row: Annotation, thing: str, often: Often) -> str:
    """Say in a sentence what a row says."""
    disorder = f"{reader.known.label(condition)} ({row.database_id})"
    listed = "is listed with" if often.affirms else "is listed as going without"
    extras = [
        f", in {_lower(reader.known.label(_SEXES[row.sex.upper()]))}" if row.sex.upper() in _SEXES else "",
        f", with the onset “{_lower(reader.terms.name(row.onset))}”" if row.onset else "",
        f", with the modifier “{_modifiers(reader.terms, row)}”" if row.modifier else "",
        f", after {row.reference.replace(';', ', ')}" if row.reference != row.database_id else "",
    ]
    return f"{disorder} {listed} {_lower(reader.known.label(thing))}{often.words}{''.join(extras)}."


def _modifiers(terms: Terms, row: Annotation) -> str:
    return "; ".join(sorted({_lower(terms.name(m)) for m in row.modifier.split(";")}))


def _lower(name: str) -> str:
    """Write a name as it stands within a sentence.

    >>> _lower("Autosomal dominant"), _lower("X-linked"), _lower("COL7A1")
    ('autosomal dominant', 'X-linked', 'COL7A1')
    """
    return name[:1].lower() + name[1:] if name[1:2].islower() or name[1:2] == " " else name
