"""What calls and answers look like, for the OpenAPI description."""

from collections.abc import Mapping
from typing import Any, Final

PARAMETERS: Final[Mapping[str, Any]] = {
    "limit": 100, "offset": 0, "device": "sbc-berlin-1", "name": "sbc-berlin-1",
    "tag": "CUBE_T_STD", "source": "cli", "severity": "warning", "subject": "sbc-berlin-1",
    "start": "2026-11-01T00:00:00Z", "end": "2026-11-02T00:00:00Z",
    "since": "2026-11-01T00:00:00Z", "received": "2026-11-01T00:00:00Z",
    "to": "2026-11-01T00:00:00Z", "format": "columns", "zone": ["IST=19800"],
}  # fmt: skip
"""What parameters of these names look like."""

_DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_NOW: Final = "2026-11-01T08:00:00Z"
_MORNING: Final = "2026-11-02T06:00:00Z"

PARAMETERS_OF: Final[Mapping[str, Mapping[str, Any]]] = {
    "/api/v1/pages/{number}/acknowledge": {"number": 17},
    "/api/v1/pages/{number}/mark": {"number": 17},
    "/api/v1/rum/files/{digest}": {"digest": _DIGEST},
    "/api/v1/rum/pieces/{digest}": {"digest": _DIGEST},
    "/api/v1/maintenance/{name}/end": {"name": "m-87cb4e7c"},
    "/api/v1/silences/{name}/end": {"name": "s-0424a5bb"},
    "/api/v1/ship/{name}/rewind": {"name": "history"},
    "/api/v1/reports/usage": {"zone": "Europe/Berlin", "format": "json"},
    "/api/v1/pairs/{name}": {"name": "edge"},
    "/api/v1/pairs/{name}/rehearsal": {"name": "edge"},
}
"""Where a parameter looks otherwise."""

BODIES: Final[Mapping[str, Any]] = {
    "/api/v1/readings": '{"device": "sbc-berlin-1", "tag": "CUBE_T_STD", "source": "lab",'
    ' "time": "2026-11-01T08:00:00Z", "count": 12}\n',
    "/api/v1/show": "sbc-berlin-1#show license usage\nLicense Authorization: \n"
    "  Status: Not Applicable\n",
    "/api/v1/operations": {
        "operation": "replaced-by",
        "device": "sbc-berlin-1",
        "other": "sbc-berlin-9",
        "by": "ann",
        "reason": "RMA",
    },
    "/api/v1/pages/{number}/acknowledge": {"by": "ann"},
    "/api/v1/pages/{number}/mark": {"mark": "false", "by": "ann", "reason": "a lab router"},
    "/api/v1/channels/test": {"channel": "oncall"},
    "/api/v1/maintenance": {
        "subjects": ["edge"],
        "end": _MORNING,
        "by": "ann",
        "reason": "upgrade",
    },
    "/api/v1/maintenance/{name}/end": {"by": "ann"},
    "/api/v1/silences": {
        "rule": "out_of_compliance",
        "end": _MORNING,
        "by": "ann",
        "reason": "licences are ordered",
    },
    "/api/v1/silences/{name}/end": {"by": "ann"},
}
"""What a body of a writing call looks like."""

ANSWERS: Final[Mapping[tuple[str, str], Any]] = {
    ("get", "/-/healthy"): "healthy\n",
    ("get", "/-/ready"): "ready\n",
    ("get", "/metrics"): 'cube_ack_required{device="sbc-berlin-1"} 1.0\n',
    ("post", "/-/reload"): {"changed": ["devices", "limits"], "warnings": []},
    ("get", "/api/v1/accounts"): {
        "now": _NOW,
        "accounts": [
            {
                "name": "Voice Edge",
                "smart_account": "Example Voice",
                "balances": [
                    {
                        "tag": "CUBE_T_STD",
                        "asked": ["CUBE_T_STD"],
                        "purchased": 500,
                        "in_use": 512,
                        "balance": -12,
                        "consumers": 3,
                        "said_in_use": 512,
                        "reported": 508,
                        "measured": 510,
                        "devices": ["sbc-berlin-1"],
                        "profiles": [],
                        "sources": [],
                        "disputed": False,
                    }
                ],
                "unmapped": [],
                "unknown_devices": 0,
                "forecasts": [],
                "transfers": [],
            }
        ],
    },
    ("get", "/api/v1/pairs"): {"now": _NOW, "pairs": []},
    ("get", "/api/v1/retired"): {
        "retired": [{"device": "sbc-berlin-1", "retired": _NOW, "replaced_by": "sbc-berlin-9"}]
    },
    ("get", "/api/v1/ship"): {
        "targets": [
            {
                "name": "history",
                "kind": "influxdb",
                "up": True,
                "error": "",
                "failing_since": None,
                "sent": 86_400,
                "refused": 0,
                "confirmed_commit": 4_711,
                "behind_commits": 2,
                "oldest": _NOW,
                "waiting": 0,
                "repeating_from": None,
                "repeating_before": None,
            }
        ]
    },
    ("get", "/api/v1/channels"): {
        "channels": [
            {
                "name": "oncall",
                "kind": "apprise",
                "shadow": False,
                "waiting": 0,
                "oldest_waiting": None,
                "sent": 3,
                "dead": 0,
                "error": "",
                "failing_since": None,
            }
        ],
        "figures": {
            "pages": 3,
            "marked_false": 1,
            "marked_real": 2,
            "unmarked": 0,
            "devices": 100,
            "false_per_100_devices": 1.0,
        },
    },
    ("get", "/api/v1/maintenance"): {
        "now": _NOW,
        "maintenance": [
            {
                "id": "m-87cb4e7c",
                "subjects": ["edge", "sbc-berlin-1", "sbc-berlin-2"],
                "start": _NOW,
                "end": _MORNING,
                "open": True,
                "by": "ann",
                "reason": "upgrade",
                "created": _NOW,
                "ended_by": "",
            }
        ],
    },
    ("get", "/api/v1/silences"): {
        "now": _NOW,
        "silences": [
            {
                "id": "s-0424a5bb",
                "rule": "out_of_compliance",
                "subject": "",
                "severity": None,
                "forced": False,
                "start": _NOW,
                "end": _MORNING,
                "open": True,
                "by": "ann",
                "reason": "licences are ordered",
                "created": _NOW,
                "ended_by": "",
            }
        ],
    },
    ("get", "/api/v1/rum/files"): {
        "files": [
            {
                "digest": _DIGEST,
                "name": "usage_all.xml",
                "received": _NOW,
                "size": 18_422,
                "reports": 12,
                "refused": 0,
            }
        ]
    },
}
"""What an answer looks like, where neither parameters nor a body show it."""
