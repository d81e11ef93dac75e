"""Draw proofs for people: a tree from a link down to claims and words, or what an absent link misses."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pyoxigraph import NamedNode

from milia.explain import Proof, Witness, short_name
from milia.names import Term, expand, short
from milia.render import Style
from milia.whynot import Reason

__all__ = ["GLOSSES", "proof_text", "reasons_text"]

# what the rules that proofs show do, in a word or two; the names are those of the rule files
GLOSSES: Final = {
    "cax-sco": "wider class",
    "inherit-down": "said of every case",
    "inherit-up": "some cases of the wider condition",
    "label-of-name": "the form of a name",
    "link-inverse": "the other way round",
    "link-symmetric": "both ways",
    "link-wider-property": "wider property",
    "may-suggest": "serious sources name it for this very form",
    "prp-dom": "kind of the subject",
    "prp-inv1": "the other way round",
    "prp-inv2": "the other way round",
    "prp-rng": "kind of the object",
    "prp-spo1": "wider property",
    "prp-spo2": "chain of properties",
    "prp-symp": "both ways",
    "prp-trp": "step by step",
}


def proof_text(
    proof: Proof, label: Callable[[Term], str], style: Style | None = None, width: int = 100
) -> str:
    """Draw a proof as a tree, from the link down to claims and their words."""
    return "\n".join(_Tree(label, style or Style(False), width).lines(proof))


def reasons_text(reasons: Sequence[Reason], style: Style | None = None) -> str:
    """Write why a link is absent: a paragraph a rule, what it has and what it misses."""
    style = style or Style(False)
    lines = []
    for reason in reasons:
        lines.append(style.bold(f"{reason.rule} would give it"))
        lines += [style.dim(f"  by the axiom  {axiom}") for axiom in reason.axioms]
        lines += [style.good(f"  holds         {met}") for met in reason.met]
        lines += [style.bad(f"  is missing    {unmet}") for unmet in reason.unmet]
    return "\n".join(lines)


class _Tree:
    def __init__(self, label: Callable[[Term], str], style: Style, width: int) -> None:
        self._label, self._style, self._width = label, style, width
        self._shown: set[str] = set()

    def lines(self, proof: Proof) -> list[str]:
        t = proof.triple
        head = " ".join(self._label(x) for x in (t.subject, t.predicate, t.object))
        lines = [self._style.bold(head) + self._about(proof)]
        key = str(t)
        if key in self._shown and (proof.premises or proof.supporting):
            return [lines[0] + self._style.dim("  (proved above)")]
        self._shown.add(key)
        shown = [p for p in proof.premises if not _is_cell(p)]
        lists = _lists(proof.premises)
        branches: list[list[str]] = [self._axiom(p, lists) or self.lines(p) for p in shown]
        branches += [self._witness(w, "for") for w in proof.supporting]
        branches += [self._witness(w, "against") for w in proof.opposing]
        branches += [[self._style.dim(f"checked: {absent}")] for absent in map(_readable, proof.absent)]
        for n, branch in enumerate(branches):
            last = n == len(branches) - 1
            for m, line in enumerate(branch):
                mark = ("└─ " if last else "├─ ") if m == 0 else ("   " if last else "│  ")
                lines.append(mark + line)
        return lines

    def _axiom(self, proof: Proof, lists: Mapping[Term, list[Term]]) -> list[str]:
        """Write an axiom over a list of properties or classes on one line."""
        t = proof.triple
        if t.object not in lists:
            return []
        members = ", ".join(map(self._label, lists[t.object]))
        text = f"{self._label(t.subject)} {self._label(t.predicate)} ({members})"
        return [self._style.bold(text) + self._about(proof)]

    def _about(self, proof: Proof) -> str:
        if proof.kind == "asserted":
            return self._style.dim(f"  stated in {proof.graph}")
        if proof.kind == "unknown":
            return self._style.bad("  nothing in the graph says so")
        parts = [proof.status or "", _by(proof.rule)]
        if proof.publishers:
            parts.append(f"{proof.publishers} publisher{'s' if proof.publishers > 1 else ''}")
        return self._style.dim("  [" + ", ".join(p for p in parts if p) + "]")

    def _witness(self, w: Witness, side: str) -> list[str]:
        claim, span = w.claim, w.evidence.span
        qualities = [short_name(claim.certainty).lower(), w.standing]
        if claim.frequency:
            qualities.insert(1, short_name(claim.frequency).lower())
        if claim.observed is not None:
            qualities.append(
                f"{claim.observed} of {claim.of}" if claim.of is not None else f"{claim.observed} observed"
            )
        if w.evidence.design:
            qualities.append(self._label(expand(w.evidence.design)))
        if claim.onset:
            qualities.append(f"onset: {self._label(claim.onset)}")
        qualities += [
            f"{short_name(aspect).removeprefix('scope').lower()}: {self._label(v)}"
            for aspect, v in claim.scope
        ]
        qualities.append(short_name(claim.review).lower())
        lines = [f"{side}: {short(NamedNode(claim.iri))}" + self._style.dim(f"  [{', '.join(qualities)}]")]
        lines += [f"   {line}" for line in textwrap.wrap(f"says: {claim.comment}", self._width - 12)]
        place = f" at {span.start}–{span.end}" if span else ""
        lines.append(self._style.dim(f"   source: {w.title}{place} ({w.note()})"))
        if w.words is not None:
            quoted = " ".join(w.words.split())
            lines += [f"   {line}" for line in textwrap.wrap(f"words: “{quoted}”", self._width - 12)]
        elif w.evidence.reason:
            lines += [
                f"   {line}" for line in textwrap.wrap(f"reason: {w.evidence.reason}", self._width - 12)
            ]
        if w.link():
            lines.append(self._style.dim(f"   page: {w.link()}"))
        return lines


def _by(rule: str | None) -> str:
    if rule is None:
        return ""
    return f"by {rule}: {GLOSSES[rule]}" if rule in GLOSSES else f"by {rule}"


_CHECKED = {
    "DeniedTriple": "no live claim denies it",
    "T": "it does not follow from the ontology already",
    "Unfit": "nothing forbids it in this form",
    "NotForSale": "it is no medicine, or one that anyone may buy",
}


def _readable(atom: str) -> str:
    """Say in words what a negation checked."""
    relation, _, arguments = atom.partition("(")
    if relation in _CHECKED:
        return _CHECKED[relation]
    names = (a.strip() for a in arguments.rstrip(")").split(","))
    return (
        f"not {relation}({', '.join(short(NamedNode(n[1:-1])) if n.startswith('<') else n for n in names)})"
    )


_FIRST, _REST, _END = expand("rdf:first"), expand("rdf:rest"), expand("rdf:nil")


def _is_cell(proof: Proof) -> bool:
    return proof.triple.predicate in {_FIRST, _REST}


def _lists(premises: Sequence[Proof]) -> dict[Term, list[Term]]:
    """Return the members of each list that the premises spell out cell by cell."""
    first: dict[Term, Term] = {
        p.triple.subject: p.triple.object for p in premises if p.triple.predicate == _FIRST
    }
    rest: dict[Term, Term] = {
        p.triple.subject: p.triple.object for p in premises if p.triple.predicate == _REST
    }
    lists: dict[Term, list[Term]] = {}
    for start in first:
        cell = start
        members = []
        while cell in first:
            members.append(first[cell])
            cell = rest.get(cell, _END)
        lists[start] = members
    return lists
