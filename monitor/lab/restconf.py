"""The RESTCONF server of a virtual CUBE: GET of its YANG trees over TLS on loopback."""

import base64
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, Response

from monitor.lab.gnmi_certificates import Identity
from monitor.lab.gnmi_tree import MODULES, YangCube, found
from monitor.lab.https import serving

_MEDIA: Final = "application/yang-data+json"


@dataclass(slots=True, kw_only=True)
class RestconfServer:
    """Serves one CUBE. `asked` keeps the paths that were asked for."""

    cube: YangCube
    user: str = "monitor"
    password: str = ""
    asked: list[str] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    """Last element of a path -> the status it is answered with, whatever is there."""
    padding: int = 0
    """Blanks after each answer."""
    host: str = "127.0.0.1"
    port: int = 0

    def answer(self, path: str, authorization: str) -> Response:
        """The answer to one GET."""
        self.asked.append(path)
        login = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        if not secrets.compare_digest(authorization, f"Basic {login}"):
            return Response(status_code=401)
        first, *rest = path.split("/")
        module, _, root = first.rpartition(":")
        last = (rest or [root])[-1]
        if last in self.statuses:
            return Response(status_code=self.statuses[last])
        if MODULES.get(root) != module or module not in self.cube.models():
            return Response(status_code=404)
        node = found(self.cube.tree(), (root, *rest))
        if node is None:
            return Response(status_code=404)
        if node == {}:
            return Response(status_code=204)
        text = json.dumps({f"{module}:{last}": node}) + " " * self.padding
        return Response(text, media_type=_MEDIA)

    @asynccontextmanager
    async def serving(self, identity: Identity, directory: Path) -> AsyncIterator["RestconfServer"]:
        """Serve until the context is left; the certificate's files are written to `directory`."""
        name = f"restconf-{self.cube.cube.name}"
        async with serving(self._app(), identity, directory, name, self.host) as self.port:
            yield self

    def _app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.get("/restconf/data/{path:path}")
        async def data(path: str, request: Request) -> Response:
            return self.answer(path, request.headers.get("authorization", ""))

        return app
