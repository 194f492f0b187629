"""TLS on a real socket: who is let in, who is not, and certificates exchanged while it runs."""

import asyncio
import datetime as dt
import http.client
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fastapi import FastAPI

from monitor.errors import ConfigError
from monitor.expose.http import HttpConfig, HttpServer
from monitor.expose.tls import TlsConfig

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


@dataclass
class Authority:
    """Issues certificates into a directory."""

    directory: Path
    name: str

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._issued(self.name, self.key, NOW + DAY, authority=True)
        self.file = self._written(f"{self.name}.crt", self.certificate)

    def issue(self, name: str, until: dt.datetime = NOW + DAY) -> tuple[Path, Path]:
        """Certificate and key."""
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path = self.directory / f"{name}.key"
        path.write_bytes(private)
        return self._written(f"{name}.crt", self._issued(name, key, until)), path

    def _written(self, name: str, certificate: x509.Certificate) -> Path:
        path = self.directory / name
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def _issued(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        until: dt.datetime,
        *,
        authority: bool = False,
    ) -> x509.Certificate:
        names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
        builder = (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(_named(self.name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 10 * DAY)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
        )
        return builder.sign(self.key, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


@pytest.fixture
def theirs(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "theirs")


@dataclass
class Running:
    port: int
    exchange: Callable[[TlsConfig | None], None]


@contextmanager
def served(app: FastAPI, tls: TlsConfig | None) -> Iterator[Running]:
    server = HttpServer(app, HttpConfig(port=0, tls=tls))
    loop = asyncio.new_event_loop()
    port = server.bind()
    task = loop.create_task(server.run())

    def work() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    def exchange(newer: TlsConfig | None) -> None:
        config = HttpConfig(port=0, tls=newer)
        done = asyncio.run_coroutine_threadsafe(server.exchange(config, config.context()), loop)
        done.result(20)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield Running(port, exchange)
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def client(ca: Path, shown: tuple[Path, Path] | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    # Newer Python wants extensions that certificates of a test need not have.
    context.verify_flags &= ~ssl.VerifyFlags.VERIFY_X509_STRICT
    if shown is not None:
        context.load_cert_chain(*shown)
    return context


def asked(port: int, context: ssl.SSLContext) -> tuple[int, Any]:
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
    try:
        connection.request("GET", "/-/healthy")
        answered = connection.getresponse()
        return answered.status, answered.headers
    finally:
        connection.close()


REFUSED = (ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)


def test_who_is_let_in_by_certificate(face: Any, ours: Authority, theirs: Authority) -> None:
    certificate, key = ours.issue("monitor")
    tls = TlsConfig(cert=certificate, key=key, client_ca=ours.file)
    good, expired = ours.issue("noc"), ours.issue("late", NOW - DAY)
    foreign = theirs.issue("stranger")
    with served(face.app, tls) as running:
        status, headers = asked(running.port, client(ours.file, good))
        assert status == 200
        assert "max-age" in headers["strict-transport-security"]
        for name, shown in {"expired": expired, "foreign": foreign, "none": None}.items():
            with pytest.raises(REFUSED):
                pytest.fail(f"{name}: {asked(running.port, client(ours.file, shown))}")
        with pytest.raises(ssl.SSLCertVerificationError):
            asked(running.port, client(theirs.file, good))
        assert asked(running.port, client(ours.file, good))[0] == 200


def test_tls_older_than_1_2_is_refused(face: Any, ours: Authority) -> None:
    certificate, key = ours.issue("monitor")
    with served(face.app, TlsConfig(cert=certificate, key=key)) as running:
        old = client(ours.file)
        old.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            old.minimum_version = ssl.TLSVersion.TLSv1
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(ssl.SSLError, match=r"(?i)version|protocol"):
            asked(running.port, old)
        newer = client(ours.file)
        newer.maximum_version = ssl.TLSVersion.TLSv1_2
        assert asked(running.port, newer)[0] == 200


def test_plain_http_on_the_port_of_tls_gets_nothing(face: Any, ours: Authority) -> None:
    certificate, key = ours.issue("monitor")
    with served(face.app, TlsConfig(cert=certificate, key=key)) as running:
        plain = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
        plain.request("GET", "/-/healthy")
        with pytest.raises((OSError, http.client.HTTPException)):
            plain.getresponse()
        plain.close()


def test_certificates_are_exchanged_on_the_open_socket(
    face: Any, ours: Authority, theirs: Authority
) -> None:
    first, second = ours.issue("monitor"), theirs.issue("newer")
    tls = TlsConfig(cert=first[0], key=first[1])
    with served(face.app, tls) as running:
        assert asked(running.port, client(ours.file))[0] == 200
        running.exchange(TlsConfig(cert=second[0], key=second[1], client_ca=ours.file))
        with pytest.raises(ssl.SSLCertVerificationError):
            asked(running.port, client(ours.file, first))
        with pytest.raises(REFUSED):
            asked(running.port, client(theirs.file))
        assert asked(running.port, client(theirs.file, first))[0] == 200
        running.exchange(None)
        plain = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
        plain.request("GET", "/-/healthy")
        assert plain.getresponse().status == 200
        plain.close()


def test_files_that_are_no_certificate_are_named(ours: Authority, tmp_path: Path) -> None:
    certificate, key = ours.issue("monitor")
    _, other = ours.issue("other")
    none = tmp_path / "none.pem"
    none.write_text("nothing")
    for tls, said in [
        (TlsConfig(cert=tmp_path / "gone", key=key), "tls.cert.*cannot be read"),
        (TlsConfig(cert=certificate, key=tmp_path / "gone"), "tls.key.*cannot be read"),
        (TlsConfig(cert=certificate, key=other), "no certificate and its key"),
        (TlsConfig(cert=none, key=key), "no certificate and its key"),
        (TlsConfig(cert=certificate, key=key, client_ca=none), "tls.client_ca"),
    ]:
        with pytest.raises(ConfigError, match=said):
            HttpConfig(tls=tls).context()


def test_a_locked_key_asks_nobody(ours: Authority, tmp_path: Path) -> None:
    certificate, _ = ours.issue("monitor")
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        ours.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"a pass phrase"),
        )
    )
    with pytest.raises(ConfigError, match="without a pass phrase"):
        TlsConfig(cert=certificate, key=locked).context()
