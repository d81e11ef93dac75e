"""The tools an assistant is offered: each a function of `milia.assistant`, in words and with its arguments.

One table for whatever speaks to assistants; `call` answers a call from it, whatever the arguments are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from milia import assistant, bounds
from milia.assistant import EVIDENCE, NONE, UNANSWERED, NoAnswer, reply
from milia.errors import MiliaError, Misuse, UnknownName
from milia.kg import KnowledgeGraph
from milia.refusal import LONGEST_QUERY

__all__ = ["ANSWER_SCHEMA", "INSTRUCTIONS", "TOOLS", "Parameter", "Tool", "call"]

Json = dict[str, Any]

_LONGEST: Final = 200  # characters of a name
_A_THING: Final = "a name in any language, a slug (neonatal-milia) or a CURIE (condition:neonatal-milia)"

INSTRUCTIONS: Final = (
    "Milia is a knowledge graph of one skin condition, milia (milk spots): what sources say, each "
    "statement with its claims. It is not medical advice, and no clinician has reviewed it. Say only what "
    "an answer says. Where its field `evidence` is 'no evidence in this graph', tell the reader just that. "
    "Tell status, frequency, scope and what speaks against a statement along with it, and cite the "
    "sources. Never take a look-alike for milia: where `is` says so, it is something else. Start with "
    "`search`."
)


@dataclass(frozen=True)
class Parameter:
    """What a tool takes: its JSON Schema, with a description, and whether it must be given."""

    schema: Mapping[str, Any]
    required: bool = False


@dataclass(frozen=True)
class Tool:
    """A function that an assistant may call, and how it is told what the function does."""

    title: str
    about: str
    run: Callable[..., Json]
    parameters: Mapping[str, Parameter]

    @property
    def schema(self) -> Json:
        """Return the JSON Schema of the arguments."""
        return {
            "type": "object",
            "properties": {name: dict(p.schema) for name, p in self.parameters.items()},
            "required": [name for name, p in self.parameters.items() if p.required],
            "additionalProperties": False,
        }


ANSWER_SCHEMA: Final[Json] = {
    "type": "object",
    "properties": {
        "evidence": {"type": "string", "enum": list(EVIDENCE), "description": "is there evidence here?"},
        "message": {"type": "string", "description": "the answer in a sentence"},
        "disclaimer": {"type": "string"},
        "licence": {"type": "string", "description": "of the data"},
        "graph": {"type": "object", "description": "version and hash of the graph that was asked"},
    },
    "required": ["evidence", "message", "disclaimer", "licence", "graph"],
}


def _text(about: str, *, required: bool = False, longest: int = _LONGEST) -> Parameter:
    schema = {"type": "string", "minLength": 1, "maxLength": longest, "description": about}
    return Parameter(schema, required)


def _number(about: str, default: int, most: int) -> Parameter:
    schema = {"type": "integer", "minimum": 1, "maximum": most, "default": default, "description": about}
    return Parameter(schema)


def _names(about: str, most: int) -> Parameter:
    name = {"type": "string", "minLength": 1, "maxLength": _LONGEST, "description": "one of them"}
    schema = {"type": "array", "items": name, "minItems": 1, "maxItems": most, "description": about}
    return Parameter(schema, required=True)


TOOLS: Final[dict[str, Tool]] = {
    "search": Tool(
        "Find things by name",
        "Things whose names hold these words, in any language, misspellings too. `is` says whether each is "
        "milia, a look-alike (not milia) or something else; a Disputed name rather belongs to another thing.",
        assistant.search,
        {
            "name": _text("a name or a part of one, in any language", required=True),
            "limit": _number("how many things to return", 10, 50),
        },
    ),
    "describe": Tool(
        "Describe a thing",
        "What a thing is (definition, kinds, names) and what sources say of it: each statement with its "
        "status (Established, Hedged, Disputed, Denied, NotObserved), the standing of its best source, "
        "frequency, scope, review state, claims for and against, and sources. Only what is Established or "
        "Hedged stands. `properties` counts all statements: ask for one property where some were left out.",
        assistant.describe,
        {
            "thing": _text(_A_THING, required=True),
            "property": _text("only statements with this property, such as treatedBy or affects"),
            "limit": _number("how many statements to return", 30, 200),
        },
    ),
    "query": Tool(
        "Ask in SPARQL",
        "A SPARQL 1.1 SELECT, ASK or CONSTRUCT over this graph; SERVICE and FROM are refused. Prefixes are "
        "declared (milia: for terms; condition:, care:, site:, cause:, age: and others for things). The "
        "default graph holds what stands: condition:milia milia:treatedBy ?care. Claims are in GRAPH ?g "
        "{ ?claim a milia:Claim ; rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; milia:stance ?stance ; "
        "milia:certainty ?certainty ; milia:evidence/oa:hasSource ?source }. What is disputed or denied is "
        "in GRAPH graph:disputed. False and no rows mean silence, never a denial.",
        assistant.query,
        {
            "sparql": _text("the query", required=True, longest=LONGEST_QUERY),
            "limit": _number("how many rows or triples to return", 100, bounds.MOST_ROWS),
        },
    ),
    "explain": Tool(
        "Prove a link",
        "Why subject – predicate – object holds, or what is said for and against it: rules, facts, claims "
        "with certainty, frequency, scope and review state, sources with standing and verification.",
        assistant.explain,
        {
            "subject": _text(_A_THING, required=True),
            "predicate": _text("a property, such as treatedBy, affects or subtypeOf", required=True),
            "object": _text(_A_THING, required=True),
            "limit": _number("how many claims to return on each side", 20, 200),
        },
    ),
    "suggest": Tool(
        "Care that may be suggested",
        "Care that may be suggested for a form of milia, and care that may not, with reasons, strength of "
        "evidence and cautions; when to see a doctor first. What is not said of the person counts as the "
        "case that forbids most. Not medical advice: pass on reasons and cautions, and never recommend what "
        "is in not_suggested.",
        assistant.suggest,
        {
            "form": _text(f"a form of milia: {_A_THING}", required=True),
            "age": _text("age group, such as newborn, child or adult"),
            "site": _text("where the lesions are, such as cheek or eyelid"),
            "pregnancy": _text("pregnant, breastfeeding or neither-pregnant-nor-breastfeeding"),
            "provider": _text("whose services to look among, such as cadogan-clinic"),
            "circumstance": _text("what else is known, such as widespread-milia"),
        },
    ),
    "cite": Tool(
        "Cite claims",
        "The sources of claims: what each claim says, how surely, title, address and standing of its source, "
        "the place of the words, and how far that was verified.",
        assistant.cite,
        {"claims": _names("claims as other tools name them, such as claim/cadogan/001", 50)},
    ),
}

_TYPES: Final[dict[str, type]] = {"string": str, "integer": int, "array": list}


def call(kg: KnowledgeGraph, name: str, arguments: Mapping[str, Any]) -> Json:
    """Answer a call of a tool; whatever is wrong with its arguments is an answer too.

    Raises:
        UnknownName: there is no such tool.
    """
    if name not in TOOLS:
        raise UnknownName("tool", name, TOOLS)
    tool = TOOLS[name]
    try:
        _check(tool, arguments)
        return tool.run(kg, **arguments)
    except NoAnswer as instead:
        return reply(kg, instead.evidence, instead.message, **instead.more)
    except UnknownName as error:
        return reply(kg, NONE, str(error), unknown=error.name, nearest=error.nearest)
    except MiliaError as error:
        return reply(kg, UNANSWERED, str(error))


def _check(tool: Tool, arguments: Mapping[str, Any]) -> None:
    """Hold arguments against what the tool takes.

    Raises:
        Misuse: an argument is missing, unknown, of another type or out of bounds.
    """
    for name in arguments:
        if name not in tool.parameters:
            msg = f"there is no argument '{name}'; there is: {', '.join(tool.parameters)}"
            raise Misuse(msg)
    for name, parameter in tool.parameters.items():
        if name in arguments:
            _check_value(name, arguments[name], parameter.schema)
        elif parameter.required:
            msg = f"the argument '{name}' is missing: {parameter.schema['description']}"
            raise Misuse(msg)


def _check_value(name: str, value: object, schema: Mapping[str, Any]) -> None:
    if not isinstance(value, _TYPES[schema["type"]]) or isinstance(value, bool):
        msg = f"'{name}' takes a value of the type {schema['type']}, not {value!r}"
        raise Misuse(msg)
    if isinstance(value, int):
        _check_size(f"'{name}'", value, schema["minimum"], schema["maximum"])
    elif isinstance(value, str):
        _check_size(f"the length of '{name}'", len(value.strip()), schema["minLength"], schema["maxLength"])
    elif isinstance(value, list):
        _check_size(f"the length of '{name}'", len(value), schema["minItems"], schema["maxItems"])
        for item in value:
            _check_value(name, item, schema["items"])


def _check_size(what: str, size: int, least: int, most: int) -> None:
    if not least <= size <= most:
        msg = f"{what} lies between {least} and {most}, not at {size}"
        raise Misuse(msg)
