"""Style and script of the report page."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5a6675; --page: #f6f7f9; --card: #ffffff;
  --line: #d9dee5; --busy: #1f6f8b; --on-busy: #ffffff; --double: #0e4a60; --away: #e3e6eb;
  --bound: #b4471f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf1; --soft: #a3aebb; --page: #12161c;
  --card: #1b212a; --line: #343d49; --busy: #5bb3cf; --on-busy: #08222c; --double: #a6def0;
  --away: #2b323c; --bound: #f0936d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
main { max-width: 1100px; margin: 0 auto; padding: 1.25rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.2rem; margin: 0 0 .6rem; }
header p { color: var(--soft); margin: 0 0 1.2rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1rem;
  margin: 1rem 0; }
.tiles { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem;
  grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); }
@media (max-width: 480px) { .tiles strong { font-size: 1.15rem; }
  .tiles li:first-child { grid-column: 1 / -1; } }
.tiles li { background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: .8rem 1rem; }
.tiles strong { display: block; font-size: 1.45rem; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--soft); font-size: .9rem; }
.scroll { overflow-x: auto; max-width: 100%; }
.scroll + .scroll { margin-top: 1rem; }
.scroll:focus-visible, summary:focus-visible, select:focus-visible { outline: 3px solid var(--busy);
  outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding: .3rem 0; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--soft); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; white-space: nowrap; }
.figures td { white-space: nowrap; }
.figures th { white-space: normal; }
.grid th, .grid td { padding: .15rem .2rem; text-align: center; white-space: nowrap; }
.grid tbody th, .grid thead th:first-child { text-align: left; position: sticky; left: 0;
  background: var(--card); padding-right: .6rem; }
.grid thead th { font-size: .75rem; }
.grid span, .key .cell { display: inline-block; min-width: 1.7rem; text-align: center; border-radius: 5px; }
.busy { background: var(--busy); color: var(--on-busy); }
.double { background: var(--double); color: var(--card); }
.away { background: var(--away); color: var(--soft); }
.free { color: var(--soft); }
span i { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.grid span { position: relative; }
details { margin: .4rem 0; }
summary { cursor: pointer; font-weight: 600; padding: .35rem 0; }
.key { color: var(--soft); font-size: .9rem; }
.picker { display: flex; gap: .6rem; align-items: center; flex-wrap: wrap; }
select { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; padding: .45rem .6rem; max-width: 100%; min-height: 44px; }
figure { margin: 0; } figcaption { color: var(--soft); font-size: .9rem; }
.chart { display: grid; grid-template-columns: 4.2rem 1fr; grid-template-rows: 200px auto; margin: .8rem 0; }
.chart svg { width: 100%; height: 200px; display: block; overflow: visible; }
.chart line { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
.scale { position: relative; color: var(--soft); font-size: .8rem; font-variant-numeric: tabular-nums; }
.scale span { position: absolute; right: .5rem; transform: translateY(-50%); }
.times { grid-column: 2; display: flex; justify-content: space-between; color: var(--soft);
  font-size: .8rem; padding-top: .4rem; }
polyline { fill: none; stroke-width: 2.5; vector-effect: non-scaling-stroke; }
polyline.objective { stroke: var(--busy); }
.verdict { font-size: 1.15rem; font-weight: 600; margin: 0 0 .3rem; }
.proof li { padding: .6rem .8rem; }
.bar { height: 14px; border-radius: 7px; background: var(--bound); overflow: hidden; margin: 1rem 0 .3rem; }
.bar span { display: block; height: 100%; background: var(--busy); }
.terms td, .terms th { text-align: right; }
.terms th:first-child { text-align: left; }
.terms th:nth-child(5) { text-align: left; width: 22%; }
.terms small, .changes small { color: var(--soft); }
h3 { font-size: 1rem; margin: 1.1rem 0 .4rem; }
.minima { list-style: none; margin: 0 0 1rem; padding: 0; }
.minima li { padding: .3rem 0; }
.minima strong { font-variant-numeric: tabular-nums; }
.minima em { font-style: normal; white-space: nowrap; }
@media (max-width: 600px) { .figures th, .figures td, .changes th, .changes td { padding: .35rem .2rem; }
  .figures, .changes { font-size: .82rem; } .terms small, .changes small { display: block; }
  .terms tr > :nth-child(5) { display: none; } .minima em { display: block; white-space: normal; }
  .proof li:first-child { grid-column: auto !important; } .tiles { gap: .5rem; } }
.meter { display: block; height: .6rem; border-radius: 4px; background: var(--away); margin-top: .45rem; }
.meter span { display: block; height: 100%; border-radius: 4px; background: var(--busy); }
.proven { color: var(--busy); font-weight: 600; }
.open { color: var(--bound); font-weight: 600; }
.key .cell { margin-left: .6rem; }
.key .cell:first-child { margin-left: 0; }
@media print { body { background: none; } section { break-inside: avoid; } }
"""

SCRIPT = """
const picker = document.getElementById("family");
if (picker) {
  const show = () => document.querySelectorAll(".family").forEach((card) => {
    card.hidden = card.id !== picker.value;
  });
  picker.addEventListener("change", show);
  show();
}
"""
