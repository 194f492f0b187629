"""Validation errors in the operator's words: file, line, key, what is allowed, nearest key."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind

from monitor.config.document import Document, Loc

_WORDS: Final = {
    "missing": "is missing",
    "extra_forbidden": "is not a key here",
    "unexpected_keyword_argument": "is not a key here",
    "union_tag_not_found": "needs a `kind`",
}
_UNKNOWN_KEY: Final = frozenset({"extra_forbidden", "unexpected_keyword_argument"})
_SECRETIVE: Final = frozenset(
    {"credentials", "ship", "tokens", "tls", "notify", "communities", "users", "client_secret"}
)


class _Keys(GenerateJsonSchema):
    """Only the keys are of interest: defaults that JSON cannot say are left out in silence."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {"non-serializable-default"}  # noqa: RUF012 - as declared there


def describe(error: ValidationError, document: Document, model: type[BaseModel]) -> list[str]:
    """One line per problem: `FILE:LINE: key.path: what is wrong; what is allowed`."""
    schema = model.model_json_schema(schema_generator=_Keys)
    return [_line(dict(one), document, schema) for one in error.errors(include_url=False)]


def _line(one: Mapping[str, Any], document: Document, schema: Mapping[str, Any]) -> str:
    loc: Loc = tuple(one["loc"])
    place = _in_document(loc, document)
    words = _WORDS.get(one["type"], one["msg"].removeprefix("Value error, "))
    line = document.line(place)
    unknown = one["type"] in _UNKNOWN_KEY
    hint = _nearest(loc, schema) if unknown else _given(one)
    if unknown and not _SECRETIVE.isdisjoint(loc) and "did you mean" not in hint:
        # A secret may have come to stand where a key belongs.
        place = (*place[:-1], "(this key)")
    key = ".".join(map(str, place)) or "the file"
    return f"{document.name}:{line}: {key}: {words}{hint}"


def _given(one: Mapping[str, Any]) -> str:
    value = one.get("input")
    # Somebody may have written a secret where a reference belongs: it is never repeated.
    secret = "secret" in str(one["loc"]) or not _SECRETIVE.isdisjoint(one["loc"])
    # Nor an address that has user and password in it.
    secret = secret or "@" in str(value)
    plain = isinstance(value, str | int | float | bool) and "input" not in one["msg"] and not secret
    return f" (given: {value!r})" if plain and len(str(value)) < 60 else ""  # noqa: PLR2004 - fits a line


def _in_document(loc: Loc, document: Document) -> Loc:
    """Drop what only the model knows: names of union members are no keys of the file."""
    place: Loc = ()
    last = len(loc) - 1
    for position, part in enumerate(loc):
        if (*place, part) in document.lines or position == last:
            place = (*place, part)
    return place


def _nearest(loc: Loc, schema: Mapping[str, Any]) -> str:
    allowed = sorted(_allowed(loc[:-1], schema, schema))
    if not allowed:
        return ""
    close = get_close_matches(str(loc[-1]), allowed, n=1)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    return f"{meant} Allowed: {', '.join(allowed)}" if meant else f"; allowed: {', '.join(allowed)}"


def _allowed(loc: Loc, part: Mapping[str, Any], schema: Mapping[str, Any]) -> set[str]:
    parts = [part]
    for step in loc:
        parts = [below for one in parts for below in _below(_resolved(one, schema), step, schema)]
    return {key for one in parts for key in _resolved(one, schema).get("properties", {})}


def _below(
    part: Mapping[str, Any], step: str | int, schema: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    members: Sequence[Mapping[str, Any]] = part.get("oneOf") or part.get("anyOf") or ()
    tag = part.get("discriminator", {}).get("mapping", {}).get(step)
    if tag:
        yield {"$ref": tag}
    elif members:
        for member in members:
            yield from _below(_resolved(member, schema), step, schema)
    elif isinstance(step, int) and "items" in part:
        yield part["items"]
    elif step in part.get("properties", {}):
        yield part["properties"][step]
    elif isinstance(part.get("additionalProperties"), dict):
        yield part["additionalProperties"]


def _resolved(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in part:
        name = part["$ref"].rsplit("/", 1)[-1]
        part = schema["$defs"][name]
    return part
