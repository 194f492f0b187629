"""A virtual CSSM: tokens, licences and product instances over TLS on loopback, by pages."""

import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response

from monitor.lab.gnmi_certificates import Identity
from monitor.lab.https import serving

TOKEN_PATH: Final = "/oauth2/default/v1/token"  # noqa: S105 - a path, no token
BASE_PATH: Final = "/services/api/smart-accounts-and-licensing"
_JSON: Final = "application/json"
Entry = Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class CssmServer:
    """One smart account. Change its fields to change what it answers."""

    smart_account: str = "example.com"
    client_id: str = "lab"
    client_secret: str = ""
    licenses: Sequence[Entry] = field(default_factory=list)
    devices: Sequence[Entry] = field(default_factory=list)
    summary: Sequence[Entry] = field(default_factory=list)
    expires_in: object = 3599
    most: int = 1000
    """So many entries a page at most, however many are asked for."""
    totals: bool = True
    """Whether lists of devices say how many there are in all."""
    ignores_offset: bool = False
    refusals: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)
    """(status, headers) of the next answers; then it answers as it should."""
    padding: int = 0
    """Blanks after each answer."""
    asked: Counter[str] = field(default_factory=Counter)
    """Path -> how often it was asked for."""
    tokens: set[str] = field(default_factory=set)
    port: int = 0

    @property
    def url(self) -> str:
        """The address of the API up to the version."""
        return f"https://127.0.0.1:{self.port}{BASE_PATH}"

    @property
    def token_url(self) -> str:
        """The address of the tokens."""
        return f"https://127.0.0.1:{self.port}{TOKEN_PATH}"

    def token(self, form: Mapping[str, Sequence[str]]) -> Response:
        """Answer a client's credentials."""
        self.asked["token"] += 1
        given = [form.get(name, [""])[0] for name in ("grant_type", "client_id", "client_secret")]
        if given != ["client_credentials", self.client_id, self.client_secret]:
            return Response('{"error": "invalid_client"}', status_code=401, media_type=_JSON)
        token = secrets.token_hex(16)
        self.tokens.add(token)
        said = {"token_type": "Bearer", "access_token": token, "expires_in": self.expires_in}
        return Response(json.dumps(said), media_type=_JSON)

    def answer(self, path: str, authorization: str, body: bytes) -> Response:
        """Answer one call of the API."""
        self.asked[path] += 1
        if self.refusals:
            status, headers = self.refusals.pop(0)
            return Response("{}", status_code=status, headers=dict(headers), media_type=_JSON)
        if authorization.removeprefix("Bearer ") not in self.tokens:
            return Response("{}", status_code=401, media_type=_JSON)
        said = self._said(path, json.loads(body))
        if said is None:
            return Response("{}", status_code=404, media_type=_JSON)
        return Response(json.dumps(said) + " " * self.padding, media_type=_JSON)

    def _said(self, path: str, asked: Entry) -> Entry | None:
        account = f"v1/accounts/{self.smart_account}"
        if path == f"{account}/licenses":
            page, _ = self._page(self.licenses, asked)
            return {"status": "SUCCESS", "statusMessage": "", "licenses": page}
        if path == f"{account}/devices":
            page, total = self._page(self.devices, asked)
            return {"devices": page, **({"totalRecords": total} if self.totals else {})}
        if path == "v3/licenses/summary":
            return {"status": "SUCCESS", "out_standing_reports": False, "summary": self.summary}
        return None

    def _page(self, entries: Sequence[Entry], asked: Entry) -> tuple[list[Entry], int]:
        wanted = [one for one in entries if one["virtualAccount"] in asked["virtualAccounts"]]
        start = 0 if self.ignores_offset else asked["offset"]
        return wanted[start : start + min(asked["limit"], self.most)], len(wanted)

    @asynccontextmanager
    async def serving(self, identity: Identity, directory: Path) -> AsyncIterator["CssmServer"]:
        """Serve until the context is left; the certificate's files are written to `directory`."""
        async with serving(self._app(), identity, directory, "cssm") as self.port:
            yield self

    def _app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.post(TOKEN_PATH)
        async def token(request: Request) -> Response:
            return self.token(parse_qs((await request.body()).decode()))

        @app.api_route(f"{BASE_PATH}/{{path:path}}", methods=["POST", "GET", "PUT", "DELETE"])
        async def call(path: str, request: Request) -> Response:
            authorization = request.headers.get("authorization", "")
            return self.answer(path, authorization, await request.body())

        return app
