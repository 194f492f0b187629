"""The style sheet of the page at `/`: light and dark, narrow and wide, nothing from elsewhere."""

import base64
import hashlib
from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c2630; --soft: #5c6b7a; --line: #d5dce3;
  --paper: #fff; --band: #eef2f6; --bad: #b3151f; --poor: #8a5a00; --link: #0b57b0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4eaf0; --soft: #9dacba; --line: #34414e;
  --paper: #12181f; --band: #1f2933; --bad: #ff6b72; --poor: #f0b04b; --link: #7fb4f5; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: var(--ink);
  background: var(--paper); }
h1 { margin: 0; } h2 { margin: 2rem 0 0; font-size: 1.2rem; } a { color: var(--link); }
.lead { font-size: 1.15rem; margin: .8rem 0 .2rem; }
table { border-collapse: collapse; margin: .5rem 0; }
th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { color: var(--soft); font-weight: 600; } td.name, td.time { white-space: nowrap; }
td.text { min-width: 14rem; max-width: 34rem; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.critical, .warning { color: var(--bad); font-weight: 600; } .warning { color: var(--poor); }
.quiet { color: var(--soft); } time { font-variant-numeric: tabular-nums; }
code { background: var(--band); padding: 0 .25rem; } summary { cursor: pointer; margin-top: 1rem; }
.cycle { display: block; margin-top: .15rem; }
.cycle path { fill: none; } .cycle .track { stroke: var(--line); stroke-width: 4; }
.cycle .spent { stroke: var(--soft); stroke-width: 4; } .cycle .now { fill: var(--ink); }
.cycle .deadline { stroke: var(--bad); stroke-width: 3; } .cycle .push { fill: var(--link); }
@media (max-width: 60rem) { body { margin: 1rem; } table { display: block; overflow-x: auto; } }
"""

STYLES: Final = f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
"""What the content security policy allows: this style sheet and no other."""
