"""What schemathesis does not know by itself: how lines of JSON are sent."""

from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(ctx: Any, value: Any) -> bytes:
    del ctx
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
