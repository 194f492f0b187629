"""The OpenAPI description: what FastAPI says, with access, problems and examples added."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI

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
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_WITH_BODY: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
_PARAMETERS: Final[Mapping[str, Any]] = {
    "limit": 100, "offset": 0, "device": "sbc-berlin-1", "name": "sbc-berlin-1",
    "tag": "CUBE_T_STD", "source": "cli", "severity": "warning", "subject": "sbc-berlin-1",
    "start": "2026-11-01T00:00:00Z", "end": "2026-11-02T00:00:00Z",
    "since": "2026-11-01T00:00:00Z", "received": "2026-11-01T00:00:00Z",
    "to": "2026-11-01T00:00:00Z", "format": "columns", "zone": ["IST=19800"],
}  # fmt: skip
"""What parameters of these names look like."""
_BODIES: Final[Mapping[str, Any]] = {
    "/api/v1/readings": '{"device": "sbc-berlin-1", "tag": "CUBE_T_STD", "source": "lab",'
    ' "time": "2026-11-01T08:00:00Z", "count": 12}\n',
    "/api/v1/show": "sbc-berlin-1#show license usage\nLicense Authorization: \n"
    "  Status: Not Applicable\n",
    "/api/v1/operations": {
        "operation": "replaced-by",
        "device": "sbc-berlin-1",
        "other": "sbc-berlin-9",
        "by": "ann",
        "reason": "RMA",
    },
}


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
    for path, operation in _operations(said):
        _add_problems(operation)
        _hoist(operation, schemas)
        _add_examples(path, operation)
    said["paths"]["/-/healthy"]["get"]["security"] = []
    return said


def _operations(said: Object) -> Iterator[tuple[str, Object]]:
    for path, methods in said["paths"].items():
        for method, operation in methods.items():
            if method in _METHODS:
                yield path, operation


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


def _add_examples(path: str, operation: Object) -> None:
    for parameter in operation.get("parameters", []):
        example = _PARAMETERS.get(parameter["name"])
        if example is not None and "example" not in parameter:
            parameter["example"] = example
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if path in _BODIES:
            media.setdefault("example", _BODIES[path])
