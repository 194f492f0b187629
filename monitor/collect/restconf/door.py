"""One device's RESTCONF server: GET over verified TLS, nothing else."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from monitor.collect.restconf.config import RestconfConfig, RestconfTarget
from monitor.collect.secret import Login, TlsFiles
from monitor.domain.yang import Origin, YangPath
from monitor.errors import CollectError, ConfigError

_MEDIA: Final = "application/yang-data+json"
_ROOT: Final = "/restconf/data/"
_ABSENT: Final = frozenset({204, 404})
"""An empty container, and one that is not modelled or not there (RFC 8040, 4.3)."""
_LOGIN: Final = frozenset({401, 403})


class AnswerError(CollectError):
    """A question was not answered; `result` is a bounded word, the message holds no secret."""

    def __init__(self, result: str, detail: str = "") -> None:
        super().__init__(f"{result}: {detail}" if detail else result)
        self.result = result


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
            raise _failure(error) from error

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
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise AnswerError("not_json", "packed")
        body = bytearray()
        async for piece in answer.aiter_raw():
            body += piece
            if len(body) > self.body_cap:
                raise AnswerError("too_long", f"over {self.body_cap} bytes")
        return bytes(body)


@asynccontextmanager
async def opened(
    target: RestconfTarget, login: Login, config: RestconfConfig
) -> AsyncIterator[Door]:
    """A door that is closed with the context; raises AnswerError where a file cannot be read."""
    client = httpx.AsyncClient(
        base_url=target.url,
        verify=_verified(target.tls),
        auth=httpx.BasicAuth(login.user, _password(login)),
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


def _password(login: Login) -> str:
    try:
        return login.password.reveal()
    except ConfigError as error:
        raise AnswerError("credential_unreadable", str(error)) from error


def _verified(files: TlsFiles) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=files.ca)
        if files.cert is not None and files.key is not None:
            if files.key.file is None:
                raise AnswerError("tls_files_unreadable", "the key must be a file here")
            context.load_cert_chain(files.cert, files.key.file)
    except (OSError, ssl.SSLError) as error:
        raise AnswerError("tls_files_unreadable", str(error)[:120]) from error
    return context


def _failure(error: httpx.HTTPError) -> AnswerError:
    text = str(error)[:160]
    refused = "certificate" in text.lower()
    return AnswerError("certificate_refused" if refused else "unreachable", text)
