"""One device's RESTCONF server: GET over verified TLS, nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from monitor.collect.https import AnswerError, body, failure, revealed, verified
from monitor.collect.restconf.config import RestconfConfig, RestconfTarget
from monitor.collect.secret import Login
from monitor.domain.yang import Origin, YangPath

_MEDIA: Final = "application/yang-data+json"
_ROOT: Final = "/restconf/data/"
_ABSENT: Final = frozenset({204, 404})
"""An empty container, and one that is not modelled or not there (RFC 8040, 4.3)."""
_LOGIN: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """An open connection to a device."""

    client: httpx.AsyncClient
    server_name: str | None
    timeout: float
    body_cap: int

    async def get(self, path: YangPath) -> bytes | None:
        """JSON text of what is at a path, None where there is nothing; raises AnswerError."""
        try:
            async with asyncio.timeout(self.timeout):
                return await self._get(_ROOT + "/".join(path.named(Origin.RFC7951)))
        except TimeoutError as error:
            raise AnswerError("timeout") from error
        except httpx.HTTPError as error:
            raise failure(error) from error

    async def _get(self, url: str) -> bytes | None:
        extensions = {} if self.server_name is None else {"sni_hostname": self.server_name}
        async with self.client.stream("GET", url, extensions=extensions) as answer:
            if answer.status_code in _ABSENT:
                return None
            if answer.status_code in _LOGIN:
                raise AnswerError("login_refused", f"status {answer.status_code}")
            if answer.status_code != httpx.codes.OK:
                raise AnswerError("bad_status", f"status {answer.status_code}")
            return await self._body(answer)

    async def _body(self, answer: httpx.Response) -> bytes:
        kind = answer.headers.get("content-type", "")
        if "json" not in kind:
            raise AnswerError("not_json", f"content type {kind[:60]}")
        return await body(answer, self.body_cap)


@asynccontextmanager
async def opened(
    target: RestconfTarget, login: Login, config: RestconfConfig
) -> AsyncIterator[Door]:
    """A door that is closed with the context; raises AnswerError where a file cannot be read."""
    client = httpx.AsyncClient(
        base_url=target.url,
        verify=verified(target.tls),
        auth=httpx.BasicAuth(login.user, revealed(login.password)),
        # Packed answers would unpack to any size.
        headers={"Accept": _MEDIA, "Accept-Encoding": "identity"},
        timeout=config.timeout,
        follow_redirects=False,
        # Nothing is taken from the environment: no proxy, no .netrc.
        trust_env=False,
        limits=httpx.Limits(max_connections=1),
    )
    async with client:
        yield Door(
            client=client,
            server_name=target.tls.server_name,
            timeout=config.timeout,
            body_cap=config.body_cap,
        )
