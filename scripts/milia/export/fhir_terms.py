"""Say what our kinds, matches and vocabularies are in the terminology resources of FHIR. Knows no files."""

from __future__ import annotations

from typing import Any, Final

from milia.names import BASE, LICENCE, NOTICE, VERSION

__all__ = [
    "COMMENTS",
    "EQUIVALENCES",
    "RELATIONSHIPS",
    "RELEASES",
    "SETS",
    "SYSTEM",
    "SYSTEMS",
    "WHOLE",
    "Json",
    "code",
    "head",
]

Json = dict[str, Any]

RELEASES: Final = ("R4B", "R5")
# our code system, and the value set of all that is in it
SYSTEM: Final = f"{BASE}fhir/CodeSystem/milia"
WHOLE: Final = f"{BASE}fhir/ValueSet/milia"
_RIGHTS: Final = f"Creative Commons Attribution 4.0 International, {LICENCE}"
_DRAFT: Final = f"{NOTICE} Every claim in it is a draft until a clinician has reviewed it."
# a vocabulary: the URI of its code system, and what its codes begin with there
SYSTEMS: Final[dict[str, tuple[str, str]]] = {
    # preferred by HL7 Terminology (its naming systems, August 2026)
    "hgnc": ("http://www.genenames.org", "HGNC:"),
    "hp": ("http://human-phenotype-ontology.org", "HP:"),
    "icd10": ("http://hl7.org/fhir/sid/icd-10", ""),
    "icd10cm": ("http://hl7.org/fhir/sid/icd-10-cm", ""),
    "icd11.code": ("http://id.who.int/icd/release/11/mms", ""),
    "mesh": ("https://www.nlm.nih.gov/mesh", ""),
    "mondo": ("http://purl.obolibrary.org/obo/mondo.owl", "MONDO:"),
    "ncit": ("http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", ""),
    "orphanet.ordo": ("https://www.orpha.net", ""),
    "snomedct": ("http://snomed.info/sct", ""),
    "umls": ("http://terminology.hl7.org/CodeSystem/umls", ""),
    # in the list of known systems in the specification of FHIR
    "omim": ("http://www.omim.org", ""),
    # prescribed nowhere: the IRI of the ontology, as for Mondo, or the address below which the codes stand
    "chebi": ("http://purl.obolibrary.org/obo/chebi.owl", "CHEBI:"),
    "doid": ("http://purl.obolibrary.org/obo/doid.owl", "DOID:"),
    "efo": ("http://www.ebi.ac.uk/efo/efo.owl", "EFO:"),
    "fma": ("http://purl.org/sig/ont/fma.owl", "FMA:"),
    "icd11": ("http://id.who.int/icd/entity", ""),
    "maxo": ("http://purl.obolibrary.org/obo/maxo.owl", "MAXO:"),
    "medgen": ("https://www.ncbi.nlm.nih.gov/medgen", ""),
    "ncbigene": ("https://www.ncbi.nlm.nih.gov/gene", ""),
    "omim.ps": ("https://omim.org/phenotypicSeries", "PS"),
    "uberon": ("http://purl.obolibrary.org/obo/uberon.owl", "UBERON:"),
}
# a match of SKOS as R5 and as R4B say it, read from our concept to the code. R4B has nothing for things that
# are linked without overlap in meaning; neither release has a word for a match that was merely rejected
RELATIONSHIPS: Final = {
    "exactMatch": "equivalent",
    "broadMatch": "source-is-narrower-than-target",
    "narrowMatch": "source-is-broader-than-target",
    "closeMatch": "related-to",
    "relatedMatch": "related-to",
}
EQUIVALENCES: Final = {
    "exactMatch": "equivalent",
    "broadMatch": "wider",
    "narrowMatch": "narrower",
    "closeMatch": "inexact",
}
# both releases ask for words where a match is no more than partial
COMMENTS: Final = {
    "narrowMatch": "Narrow match: the code covers only a part of what the concept covers.",
    "closeMatch": "Close match: near in meaning, not shown to have the same bounds.",
    "relatedMatch": "Related match: linked in subject, neither the same nor wider nor narrower.",
    "none": "A search of the vocabulary found no code.",
}
# a value set: the class whose things it holds, and its title
SETS: Final = {
    "ages": ("AgeGroup", "Age groups"),
    "care": ("Care", "Kinds of care"),
    "causes": ("Cause", "Causes, triggers and risk factors"),
    "circumstances": ("Circumstance", "Circumstances"),
    "conditions": ("Condition", "Forms of milia and disorders around them"),
    "courses": ("Course", "Courses"),
    "drugs": ("Drug", "Drugs"),
    "findings": ("Finding", "Signs, symptoms and histology"),
    "forms": ("MiliaForm", "Forms of milia"),
    "genes": ("Gene", "Genes"),
    "inheritance": ("ModeOfInheritance", "Modes of inheritance"),
    "populations": ("Population", "Populations"),
    "professions": ("Profession", "Professions"),
    "sites": ("BodySite", "Body sites"),
    "structures": ("Structure", "Structures of the skin and mouth"),
    "substances": ("Substance", "Substances"),
    "supply": ("SupplyRule", "Rules of supply"),
}


def code(vocabulary: str, local: str) -> str:
    """Return a code as FHIR writes it.

    >>> code("hp", "0001056"), code("snomedct", "254679006")
    ('HP:0001056', '254679006')
    """
    return SYSTEMS[vocabulary][1] + local


def head(kind: str, name: str, title: str, about: str, rights: str = "") -> Json:
    """Return what every resource says of itself; it is a draft until clinicians have reviewed it."""
    return {
        "resourceType": kind,
        "id": name,
        "url": f"{BASE}fhir/{kind}/{name}",
        "version": VERSION,
        "name": "".join(part.capitalize() for part in name.replace(".", "-").split("-")),
        "title": title,
        "status": "draft",
        "experimental": True,
        "publisher": "Milia",
        "description": f"{about} {_DRAFT}",
        "copyright": f"{_RIGHTS}{rights}",
    }
