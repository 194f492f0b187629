"""The style sheet of the true-up report: light, dark and paper, and nothing from elsewhere."""

import base64
import hashlib
from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b2733; --soft: #5a6978; --line: #d9e0e7;
  --paper: #fff; --band: #f4f7fa; --period: #2f6fb3; --change: #d9822b; --failover: #7a55b8;
  --weak: #9db4cc; --gap: #b9c2cc; --bought: #b3151f; --asked: #14805e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4eaf0; --soft: #9dacba; --line: #34414e;
  --paper: #12181f; --band: #1a222b; --period: #5b9be0; --change: #f0a04b; --failover: #ad8be6;
  --weak: #4a617a; --gap: #3d4955; --bought: #ff6b72; --asked: #46c79a; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: var(--ink);
  background: var(--paper); margin: 0 auto; padding: 2.5rem 2rem 4rem; max-width: 68rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .35rem; letter-spacing: -.01em; }
h2 { font-size: 1.15rem; margin: 2.75rem 0 .25rem; padding-top: 1.1rem;
  border-top: 1px solid var(--line); }
h2 span { color: var(--soft); font-weight: 400; }
p { margin: .35rem 0 .8rem; max-width: 52rem; }
.range { font-size: 1.05rem; margin-bottom: .1rem; } .soft { color: var(--soft); }
.rules { border-left: 3px solid var(--line); padding-left: .9rem; color: var(--soft); }
.facts { display: flex; flex-wrap: wrap; gap: .3rem 2rem; margin: .5rem 0 .6rem; padding: 0;
  list-style: none; }
.facts b { font-size: 1.1rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0 0; font-size: .84rem;
  font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--soft); border-bottom: 1.5px solid var(--line);
  padding: .25rem .7rem .25rem 0; vertical-align: bottom; }
td { padding: .2rem .7rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top;
  white-space: nowrap; }
td.text { white-space: normal; min-width: 7.5rem; overflow-wrap: break-word; }
td.n, th.n { text-align: right; }
td.n { padding-right: 1rem; } th.n { padding-right: 1rem; }
tr.gap td { color: var(--soft); background: var(--band); font-style: italic; }
tr.weak td { color: var(--soft); }
.over { color: var(--bought); font-weight: 600; }
.change { color: var(--change); font-weight: 600; }
.failover { color: var(--failover); font-weight: 600; }
svg { display: block; width: 100%; height: auto; margin: .6rem 0 .2rem; }
svg text { fill: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums; }
svg .grid { stroke: var(--line); stroke-width: 1; } svg .axis { stroke: var(--soft); }
svg .bar { fill: var(--period); fill-opacity: .82; } svg .bar.change { fill: var(--change); }
svg .bar.failover { fill: var(--failover); }
svg .bar.weak { fill: var(--weak); stroke: var(--period); stroke-dasharray: 3 2; }
svg .gap { fill: url(#hatch); } svg .stripe { stroke: var(--gap); stroke-width: 3; }
svg .bought { stroke: var(--bought); stroke-width: 1.6; stroke-dasharray: 7 4; }
svg .label { fill: var(--bought); font-weight: 600; paint-order: stroke;
  stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
svg .asked { fill: var(--paper); stroke: var(--asked);
  stroke-width: 1.8; }
svg .late { fill: var(--ink); }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1.3rem; font-size: .8rem; color: var(--soft);
  margin: 0; padding: 0; list-style: none; }
.key svg { display: inline-block; width: 14px; height: 10px; margin: 0 .35rem 0 0; }
footer { margin-top: 3rem; padding-top: .8rem; border-top: 1px solid var(--line);
  color: var(--soft); font-size: .82rem; }
@media (max-width: 46rem) { body { padding: 1.25rem 1rem 2rem; } table { display: block;
  overflow-x: auto; } }
@page { size: A4; margin: 14mm 13mm 16mm; }
@media print { :root { color-scheme: light; --ink: #111; --soft: #4a5561; --line: #cfd6dd;
  --paper: #fff; --band: #f2f4f6; --period: #2f6fb3; --change: #c96f14; --failover: #6a45a8;
  --weak: #b7c8da; --gap: #aab3bc; --bought: #a31019; --asked: #0f6b4e; }
  body { padding: 0; max-width: none; font-size: 10pt; } h2 { break-after: avoid; }
  h2.page { break-before: page; border-top: 0; margin-top: 0; padding-top: 0; }
  table { font-size: 8.5pt; } td.text { min-width: 0; }
  svg, tr, .facts, .key { break-inside: avoid; } thead { display: table-header-group; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""

STYLES: Final = f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
"""What the content security policy allows for it."""
