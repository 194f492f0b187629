"""Questions over verified HTTPS: what is shown, what is taken, and what failures are called."""

import ssl
from typing import Final

import httpx

from monitor.collect.secret import TlsFiles
from monitor.errors import CollectError, ConfigError
from monitor.secret import SecretRef

_SHOWN: Final = 160


class AnswerError(CollectError):
    """A question was not answered; `result` is a bounded word, the message holds no secret."""

    def __init__(self, result: str, detail: str = "", *, wait: float = 0.0) -> None:
        super().__init__(f"{result}: {detail}" if detail else result)
        self.result = result
        self.wait = wait
        """Seconds for which the server asked to be left alone."""


async def body(answer: httpx.Response, cap: int) -> bytes:
    """What an answer holds; AnswerError where it is packed or longer than `cap` bytes."""
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise AnswerError("not_json", "packed")
    taken = bytearray()
    async for piece in answer.aiter_raw():
        taken += piece
        if len(taken) > cap:
            raise AnswerError("too_long", f"over {cap} bytes")
    return bytes(taken)


def revealed(secret: SecretRef) -> str:
    """The secret; AnswerError where it cannot be read."""
    try:
        return secret.reveal()
    except ConfigError as error:
        raise AnswerError("credential_unreadable", str(error)) from error


def verified(files: TlsFiles) -> ssl.SSLContext:
    """How a server's certificate is verified; AnswerError where a file cannot be used."""
    try:
        context = ssl.create_default_context(cafile=files.ca)
        if files.cert is not None and files.key is not None:
            if files.key.file is None:
                raise AnswerError("tls_files_unreadable", "the key must be a file here")
            context.load_cert_chain(files.cert, files.key.file)
    except (OSError, ssl.SSLError) as error:
        raise AnswerError("tls_files_unreadable", str(error)[:120]) from error
    return context


def failure(error: httpx.HTTPError) -> AnswerError:
    """What a call that was not answered is called."""
    text = str(error)[:_SHOWN]
    refused = "certificate" in text.lower()
    return AnswerError("certificate_refused" if refused else "unreachable", text)
