"""How does a report look: on screen, in the dark, and printed in grey?

The tokens of Coopetir's face as CSS custom properties, for pages that must carry everything with them.
"""

STYLE = """
:root{--paper:#fcfbf8;--ink:#17252b;--muted:#53636b;--rule:#d9d6ce;--teal:#0b5f63;--teal2:#8fbdbb;--amber:#a65408}
@media (prefers-color-scheme:dark){:root{--paper:#10191d;--ink:#e8ecea;--muted:#9db0b5;--rule:#2a383e;
--teal:#5fb9b5;--teal2:#2f8587;--amber:#e9a24a}}
*{box-sizing:border-box}
html{color-scheme:light dark}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 "Source Sans 3","IBM Plex Sans",system-ui,sans-serif;
font-variant-numeric:tabular-nums}
main{max-width:1200px;margin:0 auto;padding:24px 16px 48px}
h1{font-size:28px;line-height:1.25;margin:0 0 4px}
h2{font-size:20px;line-height:1.25;margin:32px 0 8px;border-top:1px solid var(--rule);padding-top:16px}
h3{font-size:16px;margin:16px 0 4px}
p,li{max-width:70ch}
a{color:var(--teal)}
.answer{font-size:20px;max-width:60ch;margin:16px 0 8px}
.muted,figcaption{color:var(--muted);font-size:14px}
figure{margin:16px 0}
figure h2{border:0;margin:0 0 8px;padding:0}
.scroll{overflow-x:auto}
.scroll:focus-visible{outline:2px solid var(--teal);outline-offset:2px}
table{border-collapse:collapse;font-size:14px;width:100%}
th,td{padding:6px 12px 6px 0;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
tbody th{min-width:16ch}
tbody td:last-child{min-width:24ch}
thead th{border-bottom:2px solid var(--ink);white-space:nowrap}
.n{text-align:right;white-space:nowrap}
.light{white-space:nowrap}
.light b{font-size:16px;color:var(--teal);margin-right:4px;font-weight:400}
.light.g0 b,.light.g1 b{color:var(--amber)}
.light.gx b{color:var(--muted)}
.tag{white-space:nowrap;border:1px solid currentColor;padding:0 6px;border-radius:2px}
.fragile{color:var(--amber)}
details{border-bottom:1px solid var(--rule);padding:8px 0}
summary{cursor:pointer;min-height:28px}
summary:focus-visible,a:focus-visible{outline:2px solid var(--teal);outline-offset:2px}
svg{max-width:100%;height:auto;display:block}
svg text{fill:var(--ink);font-size:12px}
svg .soft{fill:var(--muted)}
svg .axis{stroke:var(--rule)}
svg .limit{stroke:var(--amber);stroke-dasharray:4 3}
svg .q{fill:var(--teal);stroke:var(--teal)}
svg .c{fill:none;stroke:var(--teal);stroke-width:1.5}
svg .o{fill:var(--muted);fill-opacity:.35;stroke:none}
.key{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:4px 24px;font-size:14px}
code{overflow-wrap:anywhere}
footer{margin-top:32px;border-top:1px solid var(--rule);padding-top:8px;color:var(--muted);font-size:14px}
@media print{@page{size:A4;margin:20mm}
:root{--paper:#fff;--ink:#000;--muted:#444;--rule:#bbb;--teal:#222;--teal2:#888;--amber:#444}
main{max-width:none;padding:0}body{font-size:11pt}table{font-size:9pt}tr,figure{break-inside:avoid}
.scroll{overflow:visible}}
"""
