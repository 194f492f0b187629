"""The OpenAPI description: what FastAPI says, with access, problems and examples added."""

import json
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI

from monitor.expose.examples import ANSWERS, BODIES, PARAMETERS, PARAMETERS_OF

Object = dict[str, Any]

MEDIA_TYPE: Final = "application/problem+json"
_BRACES: Final = re.compile(r"\{[^{}]*\}")
_METHODS: Final = frozenset({"get", "post", "put", "delete", "patch"})
_PROBLEM: Final[Object] = {
    "type": "object",
    "description": "An error (RFC 9457). Some have further members.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "maxLength": 500},
    },
    "examples": [
        {
            "type": "about:blank",
            "title": "Not Found",
            "status": 404,
            "detail": "no device is called 'sbc-berlin-1'",
            "nearest": ["sbc-berlin-2"],
        }
    ],
}
_TOKEN: Final[Object] = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token of role `read` for GET, of role `operate` for everything else.",
}
_ANYWHERE: Final = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_WITH_BODY: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def describe_whole(app: FastAPI) -> None:
    """Let the application describe itself so; routes that come later are in it, too."""
    # FastAPI's documented way of changing the description.
    app.openapi = _Whole(app.openapi)  # type: ignore[method-assign]


class _Whole:
    """Asks FastAPI once."""

    def __init__(self, plain: Callable[[], Object]) -> None:
        self._plain = plain
        self._whole: Object | None = None

    def __call__(self) -> Object:
        if self._whole is None:
            self._whole = _completed(self._plain())
        return self._whole


def _completed(said: Object) -> Object:
    components = said.setdefault("components", {})
    schemas: Object = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM
    components["securitySchemes"] = {"token": _TOKEN}
    said["security"] = [{"token": []}]
    for method, path, operation in _operations(said):
        _add_problems(operation)
        _hoist(operation, schemas)
        _add_examples(method, path, operation)
    said["paths"]["/-/healthy"]["get"]["security"] = []
    return said


def _operations(said: Object) -> Iterator[tuple[str, str, Object]]:
    for path, methods in said["paths"].items():
        for method, operation in methods.items():
            if method in _METHODS:
                yield method, path, operation


def _add_problems(operation: Object) -> None:
    responses: Object = operation.setdefault("responses", {})
    refused = responses.get("422", {}).get("content", {}).get("application/json", {})
    if "HTTPValidationError" in str(refused):
        # Parameters that are wrong are answered with 400.
        del responses["422"]
    for status in _ANYWHERE:
        responses.setdefault(str(int(status)), {"description": status.phrase})
    if "requestBody" in operation:
        for status in _WITH_BODY:
            responses.setdefault(str(int(status)), {"description": status.phrase})
    for code, response in responses.items():
        if code[:1] in {"4", "5"}:
            content = response.setdefault("content", {})
            content.setdefault(MEDIA_TYPE, {})["schema"] = {"$ref": "#/components/schemas/Problem"}


def _hoist(operation: Object, schemas: Object) -> None:
    """Models that are read by hand bring what they refer to with them: here it has one place."""
    for media in operation.get("requestBody", {}).get("content", {}).values():
        schema: Object = media.get("schema", {})
        for name, one in schema.pop("$defs", {}).items():
            schemas.setdefault(name, _moved(one))
        media["schema"] = _moved(schema)


def _moved(schema: Object) -> Object:
    text = json.dumps(schema).replace('"#/$defs/', '"#/components/schemas/')
    found: Object = json.loads(text)
    return found


def methods_of(said: Object, path: str) -> frozenset[str]:
    """What a path may be called with by a description; nothing where none is of that form."""
    for inside in ("[^/]+", ".+"):
        for template, methods in said["paths"].items():
            pattern = inside.join(map(re.escape, _BRACES.split(template)))
            if re.fullmatch(pattern, path):
                return frozenset(method.upper() for method in methods.keys() & _METHODS)
    return frozenset()


def _add_examples(method: str, path: str, operation: Object) -> None:
    known = {**PARAMETERS, **PARAMETERS_OF.get(path, {})}
    for parameter in operation.get("parameters", []):
        if parameter["name"] in known:
            parameter.setdefault("example", known[parameter["name"]])
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if path in BODIES:
            media.setdefault("example", BODIES[path])
    for media in operation["responses"].get("200", {}).get("content", {}).values():
        if (method, path) in ANSWERS:
            media.setdefault("example", ANSWERS[method, path])
