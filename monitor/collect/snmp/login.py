"""What is shown to a device, secrets revealed; never printed."""

from dataclasses import dataclass, field
from enum import StrEnum


class Authentication(StrEnum):
    """RFC 3414 and RFC 7860. MD5 is not offered."""

    SHA1 = "sha1"
    SHA224 = "sha224"
    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"


class Privacy(StrEnum):
    """RFC 3826; 192 and 256 bits with keys extended as Cisco's routers do. DES is not offered."""

    AES128 = "aes128"
    AES192 = "aes192"
    AES256 = "aes256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A community of version 2c, or a user of version 3."""

    community: str = field(default="", repr=False)
    user: str = ""
    auth: Authentication | None = None
    auth_secret: str = field(default="", repr=False)
    priv: Privacy | None = None
    priv_secret: str = field(default="", repr=False)

    @property
    def authenticated(self) -> bool:
        """What comes back is proven to be of somebody who knows the secret."""
        return self.auth is not None

    @property
    def level(self) -> int:
        """Security level of RFC 3411: 1 neither, 2 authenticated, 3 encrypted as well."""
        return 1 + (self.auth is not None) + (self.priv is not None)
