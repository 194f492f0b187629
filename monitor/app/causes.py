"""Names of what devices share and people work on: relays, credentials, licence servers."""

from collections.abc import Iterator

from monitor.app.build import MANNERS, Parts
from monitor.config import Config
from monitor.evaluate.credential_refused import causes_of
from monitor.evaluate.cssm_unreachable import UNNAMED_PEER, peer_of
from monitor.evaluate.relay_silent import cause_of


def causes(parts: Parts) -> Iterator[str]:
    """Subjects of findings about shared causes, as they are or would be called."""
    yield from _configured(parts.config)
    yield UNNAMED_PEER
    for state in parts.pipeline.snapshot.devices:
        yield peer_of(state)
        yield from causes_of(state.refusals)
        if state.relay is not None:
            yield cause_of(state.relay)


def _configured(config: Config) -> Iterator[str]:
    yield from map(cause_of, config.relays)
    for one in config.collect:
        if one.kind in MANNERS:
            for name in getattr(one, "credentials", ()):
                yield from causes_of({one.kind: name})
