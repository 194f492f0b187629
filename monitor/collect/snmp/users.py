"""Users of SNMP version 3 and their keys, kept beside pysnmp's engine instead of inside it.

pysnmp makes rows of a MIB of them, 35 KiB for each engine (device) it meets, and after each new one
it reads all rows anew: a fleet of 10,000 would take 400 MiB and hours. Three private methods of its
security model are replaced; the tests say when pysnmp renames them.
"""

from typing import Any, Final

from pyasn1.type.univ import OctetString
from pysnmp.entity.engine import SnmpEngine
from pysnmp.hlapi.v3arch.asyncio import auth as usm
from pysnmp.proto.secmod.rfc3414.service import SnmpUSMSecurityModel
from pysnmp.smi.error import NoSuchInstanceError

from monitor.collect.snmp.login import Authentication, Login, Privacy

AUTHENTICATION: Final = {
    Authentication.SHA1: usm.USM_AUTH_HMAC96_SHA,
    Authentication.SHA224: usm.USM_AUTH_HMAC128_SHA224,
    Authentication.SHA256: usm.USM_AUTH_HMAC192_SHA256,
    Authentication.SHA384: usm.USM_AUTH_HMAC256_SHA384,
    Authentication.SHA512: usm.USM_AUTH_HMAC384_SHA512,
}
PRIVACY: Final = {
    Privacy.AES128: usm.USM_PRIV_CFB128_AES,
    Privacy.AES192: usm.USM_PRIV_CFB192_AES,
    Privacy.AES256: usm.USM_PRIV_CFB256_AES,
}
MOST_KEYS: Final = 32_768
"""Engines beyond are met anew, as devices choose the ids that they tell."""


class Users(SnmpUSMSecurityModel):  # type: ignore[misc]  # pysnmp has no types
    """Users by name, and their keys by engine: the newest `MOST_KEYS` of them."""

    def __init__(self) -> None:
        super().__init__()
        self._masters: dict[bytes, tuple[Any, ...]] = {}
        self._keys: dict[tuple[bytes, bytes], tuple[Any, ...]] = {}

    def know(self, login: Login) -> None:
        """Make a user known, or its new pass phrases."""
        auth = AUTHENTICATION[login.auth] if login.auth else usm.USM_AUTH_NONE
        priv = PRIVACY[login.priv] if login.priv else usm.USM_PRIV_NONE
        user = login.user.encode()
        self._keys = {known: keys for known, keys in self._keys.items() if known[1] != user}
        self._masters[user] = (
            OctetString(user),
            auth, self.AUTH_SERVICES[auth].hash_passphrase(login.auth_secret),
            priv, self.PRIV_SERVICES[priv].hash_passphrase(auth, login.priv_secret),
        )  # fmt: skip

    def admit(self, engine_id: bytes, user: bytes) -> tuple[Any, ...]:
        """Localise the keys of a known user; raises NoSuchInstanceError for others."""
        if user not in self._masters:
            raise NoSuchInstanceError
        name, auth, auth_key, priv, priv_key = self._masters[user]
        there = OctetString(engine_id)
        self._keys[engine_id, user] = keys = (
            name, name,
            auth, self.AUTH_SERVICES[auth].localize_key(auth_key, there),
            priv, self.PRIV_SERVICES[priv].localize_key(auth, priv_key, there),
        )  # fmt: skip
        if len(self._keys) > MOST_KEYS:
            del self._keys[next(iter(self._keys))]
        return keys

    def dismiss(self, engine_id: bytes, user: bytes) -> None:
        """Forget a user's keys for an engine."""
        self._keys.pop((engine_id, user), None)

    def _SnmpUSMSecurityModel__sec2usr(self, _: Any, name: Any, __: Any = None) -> Any:  # noqa: N802 - pysnmp's
        return name

    def _SnmpUSMSecurityModel__get_user_info(self, _: Any, engine_id: Any, name: Any) -> Any:  # noqa: N802 - pysnmp's
        try:
            return self._keys[bytes(engine_id), bytes(name)]
        except KeyError:
            raise NoSuchInstanceError from None

    def _SnmpUSMSecurityModel__clone_user_info(self, _: Any, engine_id: Any, name: Any) -> Any:  # noqa: N802 - pysnmp's
        return self.admit(bytes(engine_id), bytes(name))


def new_engine() -> tuple[Any, Users]:
    """An engine of pysnmp, and its users."""
    engine, users = SnmpEngine(), Users()
    engine.security_models[Users.SECURITY_MODEL_ID] = users
    return engine, users
