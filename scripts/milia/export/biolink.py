"""Say what our kinds, links, codes and sources are in the Biolink Model. Knows nothing of files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from milia.mappings import written
from milia.names import BASE

__all__ = ["CATEGORIES", "DATABASES", "PREDICATES", "categories", "code", "curie", "publication"]

# what a thing of a class is in Biolink; a class that is not here says nothing about that
CATEGORIES: Final[dict[str, tuple[str, ...]]] = {
    "AgeGroup": ("LifeStage",),
    "Article": ("Article",),
    "BodySite": ("AnatomicalEntity",),
    "Care": ("Treatment",),
    "Course": ("ClinicalCourse",),
    "Disorder": ("Disease",),
    "Drug": ("Drug",),
    "Finding": ("PhenotypicFeature",),
    "Gene": ("Gene",),
    "Histology": ("PhenotypicFeature",),
    "Ingredient": ("ChemicalEntity",),
    "Mechanism": ("PathologicalProcess",),
    "MiliaForm": ("Disease", "PhenotypicFeature"),
    "ModeOfInheritance": ("GeneticInheritance",),
    "Person": ("Agent",),
    "Population": ("PopulationOfIndividualOrganisms",),
    "Procedure": ("Procedure", "Treatment"),
    "ProductKind": ("Treatment",),
    "Provider": ("Agent",),
    "SelfCare": ("Treatment",),
    "Sign": ("PhenotypicFeature",),
    "Structure": ("AnatomicalEntity",),
    "Symptom": ("PhenotypicFeature",),
}
# our property: Biolink's, and the one to negate, both with `^` where subject and object change places. What
# is weaker when affirmed is stronger when denied, so the second says no less than ours; where there is none,
# and for harm, which nobody should read as ruled out, it is empty
PREDICATES: Final[dict[str, tuple[str, str]]] = {
    "affects": ("disease_has_location", "disease_has_location"),
    "affectsRegion": ("disease_has_location", "disease_has_location"),
    "aggravatedBy": ("^affects", ""),
    "arisesFrom": ("disease_has_basis_in", ""),
    "associatedWith": ("associated_with", ""),
    "causalGene": ("^gene_associated_with_condition", ""),
    "causedBy": ("^contributes_to", "^causes"),
    "commonerIn": (
        "^associated_with_increased_likelihood_of",
        "^associated_with_increased_likelihood_of",
    ),
    "containsIngredient": ("has_part", "has_part"),
    "contraindicatedFor": ("contraindicated_in", ""),
    "counteracts": ("affects", ""),
    "diagnosedBy": ("^diagnoses", "^diagnoses"),
    "foundIn": ("located_in", ""),
    "hasAdverseEffect": ("has_adverse_event", ""),
    "hasAppearance": ("has_phenotype", "has_phenotype"),
    "hasHistology": ("has_phenotype", "has_phenotype"),
    "hasInheritance": ("has_mode_of_inheritance", "has_mode_of_inheritance"),
    "hasMechanism": ("^contributes_to", "^causes"),
    "hasPattern": ("has_phenotype", "has_phenotype"),
    "hasRiskFactor": ("^associated_with_increased_likelihood_of", ""),
    "leadsTo": ("contributes_to", "causes"),
    "partOf": ("part_of", "part_of"),
    "presentsWith": ("has_phenotype", "has_phenotype"),
    "preventedBy": ("^preventative_for_condition", "^preventative_for_condition"),
    "rarerIn": (
        "^associated_with_decreased_likelihood_of",
        "^associated_with_decreased_likelihood_of",
    ),
    "resembles": ("similar_to", ""),
    "subtypeOf": ("subclass_of", "subclass_of"),
    "treatedBy": ("^treats_or_applied_or_studied_to_treat", "^treats"),
    "triggeredBy": ("^contributes_to", "^causes"),
}
# names under which Biolink knows databases that our sources are, and prefixes that it writes otherwise
DATABASES: Final = {
    "source:hpo-annotations": "infores:hpo-annotations",
    "source:hpo-genes": "infores:hpo-annotations",
    "source:omim": "infores:omim",
    "source:orphanet": "infores:orphanet",
}
_SPELT: Final = {
    "ICD11": "icd11",
    "ICD11MMS": "icd11.code",
    "MEDGEN": "medgen",
    "OMIMPS": "OMIM.PS",
    "Orphanet": "orphanet",
}


def categories(classes: Iterable[str]) -> list[str]:
    """Return what a thing of these classes is in Biolink.

    >>> categories(["Procedure", "Trigger"]), categories(["Trigger"])
    (['biolink:Procedure', 'biolink:Treatment'], ['biolink:NamedThing'])
    """
    found = {category for name in classes for category in CATEGORIES.get(name, ())}
    return [f"biolink:{name}" for name in sorted(found or {"NamedThing"})]


def curie(iri: str) -> str:
    """Write an IRI of ours with a prefix for its kind, as KGX allows no slash after the colon.

    >>> curie("https://w3id.org/milia/condition/neonatal-milia")
    'milia.condition:neonatal-milia'
    """
    kind, _, local = iri.removeprefix(BASE).partition("/")
    return f"milia.{kind}:{local.replace('/', '.')}"


def code(iri: str, spaces: Mapping[str, str]) -> str:
    """Write a code of another vocabulary as Biolink does, or its IRI where the prefix is unknown.

    >>> code("https://omim.org/phenotypicSeries/PS167200", {"https://omim.org/phenotypicSeries/PS": "OMIMPS"})
    'OMIM.PS:PS167200'
    """
    prefix, _, local = written(iri, spaces).partition(":")
    if prefix not in spaces.values():
        return iri
    return f"{_SPELT.get(prefix, prefix)}:{'PS' if prefix == 'OMIMPS' else ''}{local}"


def publication(addresses: Iterable[str]) -> str:
    """Return the best name of a source: DOI, PubMed, PubMed Central, address.

    >>> publication(["https://pubmed.ncbi.nlm.nih.gov/31370126/", "https://doi.org/10.31128/x"])
    'doi:10.31128/x'
    """
    forms = ((r"https?://(?:dx\.)?doi\.org/(.+)", "doi:"), (r".*pubmed\.ncbi\.[^/]*/([0-9]+)/?", "PMID:"))
    for pattern, prefix in (*forms, (r".*/(PMC[0-9]+)/?", "PMC:")):
        for address in addresses:
            if found := re.fullmatch(pattern, address):
                return prefix + found[1]
    return min(addresses, default="")
