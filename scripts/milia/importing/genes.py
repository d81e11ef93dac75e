"""Read the tables in which the HPO project links genes to diseases, whichever of them is given.

`genes_to_disease.txt` says what kind of link it is; `phenotype_to_genes.txt` and `genes_to_phenotype.txt`
link a gene to a disease in passing, once for each term, and do not say what kind.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from milia.errors import BadSource
from milia.importing.files import columns, read_lines, row_hash

__all__ = ["GeneRow", "read_genes"]

_FORMS: Final[tuple[tuple[str, ...], ...]] = (
    ("ncbi_gene_id", "gene_symbol", "association_type", "disease_id", "source"),
    ("hpo_id", "hpo_name", "ncbi_gene_id", "gene_symbol", "disease_id"),
    ("ncbi_gene_id", "gene_symbol", "hpo_id", "hpo_name", "frequency", "disease_id"),
    # as it was until 2022
    ("hpo_id", "hpo_name", "ncbi_gene_id", "gene_symbol", "additional", "source", "disease_id"),
)
_OLD_HEADINGS = {
    "HPO-id": "hpo_id",
    "HPO-ID": "hpo_id",
    "HPO label": "hpo_name",
    "entrez-gene-id": "ncbi_gene_id",
    "entrez-gene-symbol": "gene_symbol",
    "Additional Info from G-D source": "additional",
    "G-D source": "source",
    "disease-ID for link": "disease_id",
}
_GENE = re.compile(r"(?:NCBIGene:)?(\d+)")
_MEND = "give genes_to_disease.txt, phenotype_to_genes.txt or genes_to_phenotype.txt of a release"


@dataclass(frozen=True, slots=True)
class GeneRow:
    """One row: a gene is linked to a disease, and how, where the table says it."""

    line: int
    text: str
    gene_id: str
    symbol: str
    disease_id: str
    hpo_id: str
    association: str

    @property
    def key(self) -> str:
        """Return what identifies the row within its release."""
        parts = (self.gene_id, self.disease_id, self.hpo_id, self.association)
        return "|".join(filter(None, parts))

    @property
    def sha256(self) -> str:
        """Return the hash of the row's text."""
        return row_hash(self.text)


def read_genes(path: Path, diseases: Container[str], term: str) -> list[GeneRow]:
    """Return one row for each gene and each of `diseases`: the one with `term`, or else with the first term.

    Raises:
        BadSource: the file cannot be read, or is no such table; says in which line.
    """
    form: tuple[str, ...] = ()
    found: dict[tuple[str, str, str], GeneRow] = {}
    for number, line in read_lines(path):
        if not form:
            form = _form(path, number, line)
        else:
            cells = columns(path, number, line, len(form))
            if cells[form.index("disease_id")] in diseases:
                row = _row(path, number, line, dict(zip(form, cells, strict=True)))
                place = (row.gene_id, row.disease_id, row.association)
                found[place] = _better((row, *filter(None, [found.get(place)])), term)
    if not form:
        raise BadSource(path.as_posix(), None, "holds no rows", _MEND)
    return sorted(found.values(), key=lambda row: (row.disease_id, row.symbol, row.association))


def _form(path: Path, number: int, line: str) -> tuple[str, ...]:
    text = line.removeprefix("#").removeprefix("Format:").strip().replace("<tab>", "\t")
    heads = tuple(_OLD_HEADINGS.get(h.strip(), h.strip()) for h in text.split("\t"))
    if heads not in _FORMS:
        raise BadSource(path.as_posix(), number, f"has headings that are not known: '{line[:80]}'", _MEND)
    return heads


def _row(path: Path, number: int, line: str, cells: dict[str, str]) -> GeneRow:
    gene = _GENE.fullmatch(cells["ncbi_gene_id"])
    if not gene or not cells["gene_symbol"]:
        raise BadSource(path.as_posix(), number, f"names no gene: '{line[:60]}'", "fetch the file again")
    return GeneRow(
        line=number,
        text=line,
        gene_id=gene[1],
        symbol=cells["gene_symbol"],
        disease_id=cells["disease_id"],
        hpo_id=cells.get("hpo_id", ""),
        association=cells.get("association_type", ""),
    )


def _better(rows: Iterable[GeneRow], term: str) -> GeneRow:
    return min(rows, key=lambda row: (row.hpo_id != term, row.hpo_id))
