"""Check FHIR resources: `fhir_check.py FILE …`; a file is of R4B where its name says so, otherwise of R5."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fhir.resources import get_fhir_model_class as r5
from fhir.resources.R4B import get_fhir_model_class as r4b
from pydantic import BaseModel, ValidationError

Json = dict[str, Any]
NAME = re.compile(r"[A-Z]([A-Za-z0-9_]){1,254}")  # cnl-0


def faults(resource: Json, release: str) -> Iterator[str]:
    """Yield what is wrong with a resource of a release."""
    model = (r4b if release == "R4B" else r5)(resource["resourceType"])
    try:
        read = model.model_validate(resource)
    except ValidationError as error:
        yield from (f"{'.'.join(map(str, e['loc'][-4:]))}: {e['msg']}" for e in error.errors()[:5])
        return
    if json.loads(read.model_dump_json(exclude_none=True)) != resource:
        yield "it is not read as it is written"
    yield from unknown_words(read)
    if resource["resourceType"] == "Bundle":
        yield from faults_together([entry["resource"] for entry in resource["entry"]], release)
        urls = [entry["fullUrl"] for entry in resource["entry"]]
        if len(set(urls)) < len(urls):
            yield "two entries have one fullUrl"
        yield from (
            f"{e['fullUrl']} is not the resource's"
            for e in resource["entry"]
            if e["fullUrl"] != e["resource"]["url"] or not e["fullUrl"].endswith("/" + e["resource"]["id"])
        )


def unknown_words(element: BaseModel) -> Iterator[str]:
    """Yield the values that are none of those which a required binding lists."""
    for name, field in type(element).model_fields.items():
        value = getattr(element, name)
        extra = field.json_schema_extra
        words = extra.get("enum_values") if isinstance(extra, dict) else None
        if isinstance(words, list) and isinstance(value, str) and value not in words:
            yield f"{name} is '{value}'"
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, BaseModel):
                yield from unknown_words(part)


def faults_together(resources: list[Json], release: str) -> Iterator[str]:
    """Yield what is wrong between the resources of a bundle, and against the invariants of FHIR."""
    (system,) = (r for r in resources if r["resourceType"] == "CodeSystem")
    displays = {c["code"]: c["display"] for c in system["concept"]}
    if len(displays) < len(system["concept"]):
        yield "csd-1: a code stands twice"
    if system["count"] != len(displays):
        yield f"the count is {system['count']}"
    declared = {p["code"]: p["type"] for p in system["property"]}
    for concept in system["concept"]:
        for p in concept["property"]:
            form = declared.get(p["code"])
            value = p.get(f"value{str(form).capitalize()}")
            if value is None:
                yield f"{concept['code']}: the property {p['code']} is not as declared"
            if form == "code" and value not in displays:
                yield f"{concept['code']}: {p['code']} is no code: {value}"
    for r in resources:
        if not NAME.fullmatch(r["name"]):
            yield f"cnl-0: {r['name']}"
        for include in r.get("compose", {}).get("include", ()):
            yield from (f"{r['id']}: {f}" for f in strange(include, system, displays))
        for group in r.get("group", ()):
            source = {**group, "system": group["source"], "concept": group["element"]}
            yield from (f"{r['id']}: {f}" for f in strange(source, system, displays))
            yield from (f"{r['id']}: {f}" for e in group["element"] for f in faults_of_map(e, release))


def strange(include: Json, system: Json, displays: dict[str, str]) -> Iterator[str]:
    """Yield the codes that the code system does not have, or has under another name."""
    if include["system"] != system["url"]:
        yield f"no code system {include['system']}"
    listed = include.get("concept", ())
    if len({c["code"] for c in listed}) < len(listed):
        yield "a code stands twice"
    for c in listed:
        if displays.get(c["code"]) != c["display"]:
            yield f"{c['code']} is no code, or not called {c['display']}"


def faults_of_map(element: Json, release: str) -> Iterator[str]:
    """Yield what breaks the invariants of a concept map."""
    if ("noMap" in element) == ("target" in element):
        yield f"cmd-4: {element['code']} has both or neither of noMap and target"
    partial = {"R4B": ("narrower", "inexact"), "R5": ("source-is-broader-than-target", "not-related-to")}
    for target in element.get("target", ()):
        word = target["equivalence" if release == "R4B" else "relationship"]
        if word in partial[release] and "comment" not in target:
            yield f"cmd-1: {element['code']} is {word} without a comment"
        if ("code" in target) == (word == "unmatched"):
            yield f"cmd-7: {element['code']} is {word}"
    pairs = [target.get("code") for target in element.get("target", ())]
    if len(set(pairs)) < len(pairs):
        yield f"{element['code']} is mapped to one code twice"


def main(paths: list[Path]) -> int:
    """Print what is wrong with each file and say so by the exit code."""
    bad = 0
    for path in paths:
        release = "R4B" if "r4b" in path.name.lower() else "R5"
        found = list(faults(json.loads(path.read_text(encoding="utf-8")), release))
        print(f"{path.parent.name}/{path.name}:", "; ".join(found[:5]) or f"fine by {release}")
        bad += bool(found)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main([Path(arg) for arg in sys.argv[1:]]))
