"""Turn links between genes and diseases into claims."""

from __future__ import annotations

from typing import Final

from milia.importing.genes import GeneRow, read_genes
from milia.importing.known import Known
from milia.importing.reader import ASIDE, ORIGINS, Reader
from milia.importing.records import Record

__all__ = ["claim_genes"]

_SOURCE: Final = "source:hpo-genes"
# programs put these tables together
_EVIDENCE: Final = "eco:0000501"


def claim_genes(reader: Reader, seen: set[str], term: str) -> None:
    """Link the disorders in which milia were seen to their genes; the row with `term` is the one cited."""
    known = reader.known
    diseases = {c: t[0] for c, t in known.codes.items() if len(t) == 1 and t[0] in seen}
    symbols = {known.label(g): g for g in known.classes if known.is_a(g, "Gene")}
    for row in read_genes(reader.files.genes, diseases, term):
        numbered = known.codes.get(f"NCBIGene:{row.gene_id}", ())
        gene = numbered[0] if len(numbered) == 1 else symbols.get(row.symbol)
        if reader.is_aside(row.key):
            reader.count("gene links set aside for a stated reason")
        elif row.association not in {"", "MENDELIAN"}:
            reader.count(f"gene links of the type {row.association}")
        elif gene is None:
            message = (
                f"is linked to {row.disease_id} ({diseases[row.disease_id]}) and is no gene of ours: add it "
                f"to data/concepts/genes.ttl, or {row.gene_id}|{row.disease_id} to {ASIDE} with the reason"
            )
            reader.find("gene-unknown", row.symbol, f"{reader.files.genes.as_posix()}:{row.line}", message)
        else:
            reader.harvest.genes.append(_claim(known, row, diseases[row.disease_id], gene))


def _claim(known_: Known, row: GeneRow, condition: str, gene: str) -> Record:
    """Return the claim of one link; it is hedged where the table does not say what kind of link it is."""
    disorder = f"{known_.label(condition)} ({row.disease_id})"
    if row.association:
        comment = f"{disorder} is listed as a Mendelian disorder of the gene {known_.label(gene)}."
    else:
        comment = (
            f"{disorder} is linked to the gene {known_.label(gene)}; what kind of link it is stays open."
        )
    return Record(
        source=_SOURCE,
        key=row.key,
        sha256=row.sha256,
        subject=condition,
        predicate="milia:causalGene",
        object=gene,
        comment=comment,
        evidence_type=_EVIDENCE,
        hedged=not row.association,
        drawn_from=tuple(filter(None, [ORIGINS.get(row.disease_id.partition(":")[0])])),
    )
