/** The page's style sheet. Colours are named once and change with the reader's scheme. */
export const style: string = `
:root {
  color-scheme: light dark;
  --paper: #faf8f3; --card: #ffffff; --ink: #1c2420; --soft: #5f6b64; --line: #e3dfd4;
  --leaf: #2c6e4d; --leaf-soft: #bcd6c5; --was: #e4e0d5; --clay: #b8562b; --clay-soft: #f3dccd;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #121714; --card: #1a211d; --ink: #e7ece8; --soft: #98a59d; --line: #2c362f;
    --leaf: #6fbf93; --leaf-soft: #2f5442; --was: #333f38; --clay: #e5905f; --clay-soft: #4a2f20;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.55 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  -webkit-text-size-adjust: 100%;
}
main, header, footer { max-width: 1120px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 56px; }
h1, h2 { font-family: "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, serif; font-weight: 500; letter-spacing: -0.01em; }
h1 { font-size: clamp(26px, 5vw, 40px); line-height: 1.15; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 23px; margin: 0 0 4px; }
.kicker { color: var(--leaf); font-size: 12px; font-weight: 600; letter-spacing: 0.12em; text-transform: uppercase; margin: 0 0 10px; }
.lead { color: var(--soft); margin: 12px 0 0; max-width: 64ch; }
.lead strong { color: var(--ink); font-weight: 600; }
.about { color: var(--soft); margin: 0 0 18px; max-width: 72ch; }
section { margin-top: 52px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin-top: 28px; }
.figure { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.figure b { display: block; font: 500 27px/1.2 "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, serif; font-variant-numeric: lining-nums tabular-nums; }
.figure span { color: var(--soft); font-size: 13px; }
.figure.main { background: var(--leaf); border-color: var(--leaf); color: var(--paper); }
.figure.main span { color: inherit; opacity: 0.85; }
.rows { list-style: none; margin: 0; padding: 0; }
.rows li { display: grid; grid-template-columns: minmax(0, 15rem) minmax(0, 1fr) 11rem; gap: 2px 16px; align-items: center; padding: 3px 0; }
.waterfall li { padding: 9px 0; border-top: 1px solid var(--line); }
.waterfall li:last-child { border-bottom: 1px solid var(--line); }
.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.layers .name { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; direction: rtl; text-align: left; }
.layers .name bdi { direction: ltr; unicode-bidi: isolate; }
.waterfall .name { font-weight: 600; }
.value { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.value small, .detail { color: var(--soft); font-size: 12.5px; }
.detail { grid-column: 2 / -1; margin-top: -2px; }
.badge { font-size: 11px; font-weight: 500; border-radius: 99px; padding: 1px 8px; margin-left: 6px; border: 1px solid var(--line); color: var(--soft); vertical-align: 1px; }
.badge.lossy { border-color: transparent; background: var(--clay-soft); color: var(--clay); }
svg.bar { display: block; width: 100%; overflow: visible; }
.left { fill: var(--leaf); } .was { fill: var(--was); } .gone { fill: url(#stripes); } .more, .weak { fill: var(--clay); }
.stripe { stroke: var(--leaf-soft); stroke-width: 4; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: 14px; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 14px 10px; min-width: 0; }
figcaption { display: flex; justify-content: space-between; gap: 10px; font-size: 12.5px; margin-bottom: 8px; }
figcaption .name { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
figcaption span:last-child, .ends { color: var(--soft); white-space: nowrap; }
.ends { display: flex; justify-content: space-between; font-size: 11.5px; font-variant-numeric: tabular-nums; }
svg.histogram, svg.curve { display: block; width: 100%; height: 96px; }
.line { stroke: var(--leaf); stroke-width: 2; fill: none; vector-effect: non-scaling-stroke; } .mark { stroke: var(--clay); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.grid + .scroll, details + .scroll { margin-top: 14px; }
.area { fill: var(--was); } .bars { stroke: var(--leaf); fill: none; } .axis { stroke: var(--soft); stroke-width: 1; vector-effect: non-scaling-stroke; }
.ticks { stroke: var(--clay); stroke-width: 1.5; vector-effect: non-scaling-stroke; fill: none; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 12.5px; color: var(--soft); margin: -8px 0 14px; padding: 0; list-style: none; }
.legend i { display: inline-block; width: 14px; height: 10px; border-radius: 2px; margin-right: 6px; vertical-align: -1px; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 10px; background: var(--card); }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 10px; vertical-align: baseline; text-align: left; white-space: nowrap; border-top: 1px solid var(--line); }
thead th { border-top: 0; font-weight: 600; color: var(--soft); font-size: 12px; }
tbody th { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.number { text-align: right; }
.tree { color: var(--soft); }
summary { cursor: pointer; color: var(--leaf); font-weight: 600; margin: 12px 0; }
:focus-visible { outline: 2px solid var(--leaf); outline-offset: 3px; border-radius: 4px; }
.notes { border-left: 3px solid var(--clay); padding: 2px 0 2px 16px; margin: 28px 0 0; list-style: none; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; overflow-x: auto; font: 12.5px/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; margin: 0 0 12px; }
footer { color: var(--soft); font-size: 13px; padding-top: 40px; padding-bottom: 56px; }
@media (max-width: 640px) {
  main, header, footer { padding-left: 16px; padding-right: 16px; }
  header { padding-top: 32px; }
  section { margin-top: 40px; }
  .figures { grid-template-columns: 1fr 1fr; }
  .rows li { grid-template-columns: minmax(0, 1fr) auto; }
  .rows li .bar { grid-column: 1 / -1; grid-row: 2; }
  .detail { grid-column: 1 / -1; }
}
@media print { body { background: #fff; } section { break-inside: avoid; } }
`;
