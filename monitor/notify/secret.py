"""Secrets of channels, as whoever sends needs them."""

from monitor.errors import ConfigError, DeliveryError
from monitor.secret import SecretRef


class Secret(SecretRef):
    """A secret without which a notice waits: it may be put right while the monitor runs."""

    def reveal(self) -> str:
        """The secret without blanks around it; DeliveryError names its place, not it."""
        try:
            secret = super().reveal().strip()
        except ConfigError as error:
            raise DeliveryError(str(error)) from error
        if not secret:
            raise DeliveryError(f"there is no secret in {self.place}")
        return secret
