"""The configuration file: the models that the rooms bring, and the fleet."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from monitor.aggregate.rules import Calls, period_hours
from monitor.collect.cssm import CssmConfig, CssmFilesConfig
from monitor.collect.gnmi import GnmiConfig, GnmiTarget
from monitor.collect.gnmi import check_targets as check_gnmi
from monitor.collect.readings import ReadingsConfig
from monitor.collect.restconf import RestconfConfig, RestconfTarget
from monitor.collect.restconf import check_targets as check_restconf
from monitor.collect.snmp import SnmpConfig, SnmpTarget, SnmpTrapConfig
from monitor.collect.snmp import check_targets as check_snmp
from monitor.collect.ssh import SshConfig, SshTarget, check_targets
from monitor.collect.syslog.tcp import SyslogTcpConfig
from monitor.collect.syslog.udp import SyslogUdpConfig
from monitor.config.inventory import InventoryConfig
from monitor.config.pairs import PairConfig, check_pairs
from monitor.config.reach import check_reach
from monitor.domain import zones as zone_words
from monitor.domain.device import Device
from monitor.domain.measurement import DEFAULT_PERIOD_HOURS, Rounding
from monitor.domain.state import Account
from monitor.errors import ConfigError, ReadingError
from monitor.evaluate.limits import Limits
from monitor.expose.http import HttpConfig
from monitor.notify import NotifyConfig
from monitor.parse.show.device_minutes import Newest
from monitor.store.embedded import EmbeddedStoreConfig
from monitor.store.influxdb import InfluxDbConfig
from monitor.store.victoriametrics import VictoriaMetricsConfig

CollectorConfig = Annotated[
    SyslogUdpConfig
    | SyslogTcpConfig
    | ReadingsConfig
    | SshConfig
    | SnmpConfig
    | SnmpTrapConfig
    | GnmiConfig
    | RestconfConfig
    | CssmConfig
    | CssmFilesConfig,
    Field(discriminator="kind"),
]

ShipConfig = Annotated[InfluxDbConfig | VictoriaMetricsConfig, Field(discriminator="kind")]


class _Strict(BaseModel):
    """Unknown keys are errors: a typo must not switch something off in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def offset_seconds(text: str) -> int:
    """Seconds east of UTC of `+05:30`; ValueError says the form."""
    try:
        return zone_words.offset(text)
    except ReadingError as error:
        raise ValueError(str(error)) from error


def _checked_period(text: str) -> str:
    try:
        period_hours(text)
    except ConfigError as error:
        raise ValueError(str(error)) from error
    return text


Period = Annotated[str, AfterValidator(_checked_period)]
"""`8h` to `23h` or `1d` to `30d`."""


class UsageConfig(_Strict):
    """How usage is measured where the device does not say it itself."""

    periodicity: Period = f"{DEFAULT_PERIOD_HOURS // 24}d"
    rounding: Rounding = Rounding.UP
    lateness_seconds: int = Field(default=90, ge=0, le=3600)
    newest_minute: Newest = Newest.FIRST
    """Which column of `show voice sip license stats` is the newest minute."""


class DeviceConfig(_Strict):
    """One router: its name, the other names it speaks under, and how to reach it."""

    name: str = Field(min_length=1, max_length=200)
    addresses: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    virtual_account: str | None = None
    release: str | None = None
    timezones: dict[str, str] = Field(default_factory=dict)
    periodicity: Period | None = None
    phase_minutes: int | None = Field(default=None, ge=0, le=59)
    calls: Calls = Calls.APART
    legs: int = Field(default=1, ge=1, le=8)
    exclude_sources: tuple[str, ...] = ()
    ssh: SshTarget | None = None
    snmp: SnmpTarget | None = None
    gnmi: GnmiTarget | None = None
    restconf: RestconfTarget | None = None

    @field_validator("timezones")
    @classmethod
    def _offsets(cls, zones: dict[str, str]) -> dict[str, str]:
        for offset in zones.values():
            offset_seconds(offset)
        return zones

    def device(self) -> Device:
        """The domain's device."""
        return Device(
            id=self.name,
            aliases=frozenset((*self.addresses, *self.aliases)),
            virtual_account=self.virtual_account,
            release=self.release,
            zones={word: offset_seconds(offset) for word, offset in self.timezones.items()},
        )


class AccountConfig(_Strict):
    """A virtual account and the licences bought for it."""

    name: str = Field(min_length=1, max_length=200)
    smart_account: str = Field(default="", max_length=200)
    """Licences can be moved between virtual accounts of one smart account."""
    purchased: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)

    def account(self) -> Account:
        """The domain's account."""
        return Account(name=self.name, purchased=self.purchased, smart_account=self.smart_account)


class Config(_Strict):
    """The whole file; with no file at all this listens on loopback."""

    collect: tuple[CollectorConfig, ...] = (
        SyslogUdpConfig(kind="syslog_udp"),
        SyslogTcpConfig(kind="syslog_tcp"),
    )
    store: EmbeddedStoreConfig = EmbeddedStoreConfig()
    ship: tuple[ShipConfig, ...] = ()
    notify: NotifyConfig | None = None
    http: HttpConfig = HttpConfig()
    usage: UsageConfig = UsageConfig()
    limits: Limits = Limits()
    devices: tuple[DeviceConfig, ...] = ()
    inventory: tuple[InventoryConfig, ...] = ()
    accounts: tuple[AccountConfig, ...] = ()
    license_names: dict[str, str] = Field(default_factory=dict)
    """CSSM's names of licences -> their tags, above those that are known."""
    pairs: tuple[PairConfig, ...] = ()
    relays: tuple[str, ...] = ()
    learn_at_most: int = Field(default=1000, ge=0)

    @field_validator("ship")
    @classmethod
    def _told_apart(cls, ship: tuple[ShipConfig, ...]) -> tuple[ShipConfig, ...]:
        labels = [one.label for one in ship]
        for label in labels:
            if labels.count(label) > 1:
                raise ValueError(f"two are called {label!r}; give one of them another `name`")
        return ship

    @field_validator("devices")
    @classmethod
    def _distinct(cls, devices: tuple[DeviceConfig, ...]) -> tuple[DeviceConfig, ...]:
        owners: dict[str, DeviceConfig] = {}
        for device in devices:
            for name in {device.name, *device.addresses, *device.aliases}:
                other = owners.setdefault(name.casefold(), device)
                if other is not device and other.name == device.name:
                    raise ValueError(f"two devices are called {name!r}")
                if other is not device:
                    raise ValueError(f"{name!r} names both {other.name!r} and {device.name!r}")
        return devices

    @field_validator("devices")
    @classmethod
    def _reachable(
        cls, devices: tuple[DeviceConfig, ...], info: ValidationInfo
    ) -> tuple[DeviceConfig, ...]:
        targets = {device.name: device.ssh for device in devices if device.ssh is not None}
        pollers = [one for one in info.data.get("collect", ()) if isinstance(one, SshConfig)]
        if targets and not pollers:
            raise ValueError(
                f"device {next(iter(targets))}: `ssh` needs a collector; add `- kind: ssh` with"
                " `credentials` under `collect`"
            )
        try:
            for poller in pollers:
                check_targets(poller, targets)
        except ConfigError as error:
            raise ValueError(str(error)) from error
        return devices

    @field_validator("devices")
    @classmethod
    def _heard(
        cls, devices: tuple[DeviceConfig, ...], info: ValidationInfo
    ) -> tuple[DeviceConfig, ...]:
        collect = info.data.get("collect", ())
        gnmi = [one for one in collect if isinstance(one, GnmiConfig)]
        restconf = [one for one in collect if isinstance(one, RestconfConfig)]
        try:
            check_reach("gnmi", {one.name: one.gnmi for one in devices}, gnmi, check_gnmi)
            asked = {one.name: one.restconf for one in devices}
            check_reach("restconf", asked, restconf, check_restconf)
            for one in collect:
                if isinstance(one, SnmpConfig):
                    check_snmp(one, {each.name: each.snmp for each in devices if each.snmp})
        except ConfigError as error:
            raise ValueError(str(error)) from error
        return devices

    @field_validator("pairs")
    @classmethod
    def _paired(cls, pairs: tuple[PairConfig, ...], info: ValidationInfo) -> tuple[PairConfig, ...]:
        check_pairs(pairs, (device.name for device in info.data.get("devices", ())))
        return pairs
