// Set what a comment saves and costs and how rare bugs are; shows each reviewer's utility against its threshold, and where the rule puts it.
// Stands at the head of the note, before its first section. The table "operating-points" holds the shares that all of this is computed from.

const table = document.querySelector('[data-table="operating-points"]')?.closest("figure");
const place = document.querySelector(".ln-article h2");
const source = table?.querySelector(".ln-tools a[download]");

// Base rates in steps that look even on a scale of odds.
const RATES = [1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 50].map((each) => each / 100);

const SLIDERS = [
  { name: "saved", label: "Cost saved by a caught bug, S", min: 0.1, max: 5, step: 0.1, value: 1 },
  { name: "verification", label: "Cost of checking a comment, V", min: 0, max: 1, step: 0.02, value: 0.1 },
  { name: "falseAlarm", label: "Cost of a false alarm, F", min: 0, max: 5, step: 0.1, value: 0.5 },
  { name: "rate", label: "Base rate of bugs", min: 0, max: RATES.length - 1, step: 1, value: RATES.indexOf(0.1) },
];

// Colours and markers are those that the note's figures give the same reviewers, in the same order; lines differ in dash as well.
const LINES = [
  { colour: "--ln-fig-grey", dash: "", marker: (x, y) => circle(x, y) },
  { colour: "--ln-fig-ochre", dash: "7 3", marker: (x, y) => polygon(x, y, 4, 45) },
  { colour: "--ln-fig-orange", dash: "2 2.5", marker: (x, y) => polygon(x, y, 4) },
  { colour: "--ln-fig-teal", dash: "9 3 2 3", marker: (x, y) => polygon(x, y, 3) },
  { colour: "--ln-fig-blue", dash: "4 2 1 2 1 2", marker: (x, y) => polygon(x, y, 3, 180) },
  { colour: "--ln-fig-plum", dash: "12 4", marker: (x, y) => plus(x, y) },
];

// The picture in its own units: one for columns, one for phones.
const [WIDE, NARROW, HEIGHT] = [640, 360, 310];
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 12, 38, 40];

const STYLE = `
.worth { font-family: var(--ln-sans); font-size: .7rem; margin: 1.6em 0; padding: .9em 1.1em 1em; border: 1px solid var(--ln-rule); border-radius: 4px }
.worth fieldset { border: 0; margin: 0 0 .5em; padding: 0; display: flex; flex-wrap: wrap; gap: .3em 1.1em; align-items: center }
.worth legend { float: left; color: var(--ln-ink-2); padding: 0; min-width: 5em }
.worth label { cursor: pointer }
.worth fieldset label { display: inline-flex; align-items: center; gap: .35em; min-height: 1.5rem }
.worth input { accent-color: var(--ln-link); margin: 0 }
.worth input:focus-visible, .worth .scroll:focus-visible { outline: 2px solid var(--ln-link); outline-offset: 2px }
.worth .sliders { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 11rem), 1fr)); gap: .2em 2em; margin: 0 0 .7em }
.worth .slide { display: grid; grid-template-columns: 1fr auto; gap: 0 .9em; align-items: baseline }
.worth .slide label { color: var(--ln-ink-2) }
.worth .slide input { grid-column: 1 / -1; width: 100%; height: 1.5rem }
.worth output { font-variant-numeric: tabular-nums; font-weight: 600 }
.worth svg { display: block; width: 100%; height: auto; margin: .2em 0 .6em; font-size: 12px }
.worth svg.key { display: inline-block; width: 30px; height: 10px; margin: 0 }
.worth .line, .worth .rule, .worth .axis, .worth .zero { fill: none; vector-effect: non-scaling-stroke }
.worth .line { stroke-width: 1.8; stroke-linejoin: round }
.worth .marker { stroke: var(--ln-paper); stroke-width: 1 }
.worth .axis { stroke: var(--ln-rule); stroke-width: 1 }
.worth .zero { stroke: var(--ln-edge); stroke-width: 1 }
.worth .rule { stroke: var(--ln-ink); stroke-width: 1.2; stroke-dasharray: 1 3 }
.worth text { fill: var(--ln-ink-2); font-family: inherit; font-variant-numeric: tabular-nums }
.worth text.name { fill: var(--ln-ink) }
.worth p { margin: .2em 0 .6em }
.worth .scroll { overflow-x: auto }
.worth .numbers { width: 100%; border-collapse: collapse; margin: 0 }
.worth .numbers :is(th, td) { border-top: 1px solid var(--ln-rule); padding: .3em 0 .3em .7em; text-align: right; font-weight: 400; white-space: nowrap; font-variant-numeric: tabular-nums; vertical-align: bottom }
.md-typeset .worth .numbers thead th { border-top: 0; padding-bottom: .15em; white-space: normal; vertical-align: bottom }
.worth .numbers :is(th, td):first-child:not(.inner) { text-align: left; padding-left: 0 }
.md-typeset .worth .numbers thead .group { border-bottom-color: var(--ln-rule); text-align: center }
@media (max-width: 34rem) { .worth .numbers { font-size: .62rem } .worth .numbers :is(th, td) { padding-left: .5em } }
`;

if (source && place) {
  try {
    mount(read(await (await fetch(source.href)).text()));
  } catch (error) {
    console.warn("the table of operating points could not be read; it stands in the page", error);
  }
}

function read(text) {
  const [head, ...lines] = text.trim().split(/\r?\n/).map((line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((cell) => cell[1].replace(/^"|"$/g, "").replaceAll('""', '"')));
  const rows = lines.map((line) => Object.fromEntries(head.map((name, i) => [name, line[i]])));
  const points = rows.map((row) => ({ ...row, threshold: Number(row.threshold), caught: Number(row.caught), falseAlarms: Number(row.false_alarms) }));
  return points.filter((point) => Number.isFinite(point.threshold)); // an endless threshold is no comment, which every reviewer gets

}

// ---- what a comment is worth

// Odds at base rate π are the odds at one half times π / (1 − π): only the shares of the two classes differ, not what they look like.
function corrected(p, rate) {
  const bug = p * rate;
  return p >= 1 ? p : bug / (bug + (1 - p) * (1 - rate));
}

// Comment where p·S − V − (1 − p)·F is above 0; none where V ≥ S, and S + F is above 0 since S is.
function threshold({ saved, verification, falseAlarm }) {
  return (verification + falseAlarm) / (saved + falseAlarm);
}

// Of 100 changes, each with at most one comment.
function utility(point, { saved, verification, falseAlarm, rate }) {
  return 100 * (rate * point.caught * (saved - verification) - (1 - rate) * point.falseAlarms * (verification + falseAlarm));
}

// Between recorded thresholds the one above it counts: the largest recorded share of comments that the rule allows.
function atRule(points, rule) {
  return points.find((each) => each.p >= rule) ?? points.at(-1);
}

// A reviewer's points in order of corrected threshold, and last the one of no comment at all.
function judged(rows, costs) {
  const points = rows.map((row) => ({ ...row, p: corrected(row.threshold, costs.rate) })).sort((a, b) => a.p - b.p);
  points.push({ p: Infinity, caught: 0, falseAlarms: 0 });
  for (const point of points) point.worth = utility(point, costs);
  const best = points.reduce((found, each) => (each.worth >= found.worth ? each : found));
  return { points, best, rule: atRule(points, threshold(costs)) };
}

// ---- elements

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function draw(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function circle(x, y) {
  return draw("circle", { class: "marker", cx: x, cy: y, r: 4.5 });
}

function plus(x, y) {
  const [long, thick] = [5.5, 2];
  const arms = [[-thick, -long], [thick, -long], [thick, -thick], [long, -thick], [long, thick], [thick, thick], [thick, long], [-thick, long], [-thick, thick], [-long, thick], [-long, -thick], [-thick, -thick]];
  return draw("polygon", { class: "marker", points: arms.map(([right, down]) => `${x + right},${y + down}`).join(" ") });
}

// A regular polygon with a corner at the top, turned by so many degrees.
function polygon(x, y, corners, degrees = 0) {
  const turned = Array.from({ length: corners }, (_, i) => (2 * Math.PI * i) / corners - Math.PI / 2 + (degrees * Math.PI) / 180);
  return draw("polygon", { class: "marker", points: turned.map((angle) => `${x + 5.5 * Math.cos(angle)},${y + 5.5 * Math.sin(angle)}`).join(" ") });
}

function key({ colour, dash, marker }) {
  const line = draw("line", { class: "line", x1: 0, x2: 30, y1: 5, y2: 5, stroke: `var(${colour})`, "stroke-dasharray": dash });
  const mark = marker(15, 5);
  mark.setAttribute("fill", `var(${colour})`);
  return draw("svg", { class: "key", viewBox: "0 0 30 10", "aria-hidden": "true" }, line, mark);
}

function choice(legend, inputs) {
  return make("fieldset", {}, make("legend", { textContent: legend }), ...inputs);
}

function slider({ name, label, ...range }) {
  const input = make("input", { type: "range", id: `worth-${name}` });
  // the ends before the value, which the browser would clip to the ends it has
  for (const [attribute, value] of Object.entries(range)) input.setAttribute(attribute, value);
  const output = make("output", { htmlFor: input.id });
  const slide = make("div", { className: "slide" }, make("label", { htmlFor: input.id, textContent: label }), output, input);
  return { name, input, output, slide };
}

// ---- numbers as texts

function percent(share) {
  return `${(100 * share).toFixed(share > 0 && share < 0.0995 ? 1 : 0)} %`;
}

function signed(value) {
  const text = Math.abs(value).toFixed(1);
  return text === "0.0" ? "0.0" : `${value > 0 ? "+" : "−"}${text}`;
}

function decimal(value) {
  return value.toFixed(2);
}

// ---- the picture

function ticks(low, high) {
  const rough = (high - low) / 5;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * unit).find((each) => each >= rough);
  return Array.from({ length: Math.floor(high / step) - Math.ceil(low / step) + 1 }, (_, i) => (Math.ceil(low / step) + i) * step);
}

function picture(shown, costs, narrow) {
  const width = narrow ? NARROW : WIDE;
  const rule = threshold(costs);
  const perfect = Math.max(0, 100 * costs.rate * (costs.saved - costs.verification));
  const highest = perfect || 1;
  const reached = Math.min(...shown.flatMap(({ points, rule }) => [rule.worth, ...points.filter((each) => each.p < Infinity).map((each) => each.worth)]), 0);
  // losses of a reviewer that comments on everything would flatten all gains: deeper ones leave the picture
  const lowest = Math.max(reached, Math.min(-1.2 * highest, ...shown.map((each) => each.rule.worth)), -12 * highest);
  const x = (p) => LEFT + Math.min(p, 1) * (width - LEFT - RIGHT);
  const y = (worth) => TOP + ((highest - worth) / (highest - lowest)) * (HEIGHT - TOP - BOTTOM);

  const made = draw("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, "aria-hidden": "true", focusable: "false" });
  for (const tick of ticks(lowest, highest)) {
    made.append(draw("line", { class: Math.abs(tick) < 1e-9 ? "zero" : "axis", x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick) }));
    made.append(text(LEFT - 6, y(tick) + 4, "end", Number(tick.toFixed(2)).toString().replace("-", "−")));
  }
  for (const tick of [0, 0.2, 0.4, 0.6, 0.8, 1]) made.append(text(x(tick), HEIGHT - BOTTOM + 16, "middle", tick.toString()));
  made.append(text(width - RIGHT, HEIGHT - 6, "end", "comment from this probability of a bug on"));
  made.append(text(2, 12, "start", "utility per 100 changes"));

  const clip = draw("clipPath", { id: "worth-frame" }, draw("rect", { x: LEFT - 6, y: TOP - 6, width: width - LEFT - RIGHT + 12, height: HEIGHT - TOP - BOTTOM + 6 }));
  const lines = draw("g", { "clip-path": "url(#worth-frame)" });
  for (const { points, best, look } of shown) {
    const drawn = points.map((each) => `${x(each.p).toFixed(1)},${y(each.worth).toFixed(1)}`).join(" ");
    lines.append(draw("polyline", { class: "line", points: drawn, stroke: `var(${look.colour})`, "stroke-dasharray": look.dash }));
    const mark = look.marker(x(best.p), y(best.worth));
    mark.setAttribute("fill", `var(${look.colour})`);
    lines.append(mark);
  }
  made.append(clip);
  if (rule <= 1) made.append(draw("line", { class: "rule", x1: x(rule), x2: x(rule), y1: TOP, y2: HEIGHT - BOTTOM }));
  const label = rule <= 1 ? `τ* = ${decimal(rule)}` : `τ* = ${decimal(rule)}: never comment`;
  made.append(lines, text(x(rule), TOP - 8, rule > 0.75 ? "end" : "middle", label, "name"));
  return made;
}

function text(x, y, anchor, content, name = "") {
  return draw("text", { x, y, "text-anchor": anchor, class: name }, content);
}

// ---- the whole

function mount(rows) {
  document.head.append(make("style", { textContent: STYLE }));
  const sets = [...new Set(rows.map((row) => row.set))];
  const reviewers = [...new Set(rows.map((row) => row.reviewer))];
  const looks = new Map(reviewers.map((name, i) => [name, LINES[i % LINES.length]]));

  const set = choice("Test set", sets.map((value, i) => make("label", {}, make("input", { type: "radio", name: "worth-set", value, checked: i === 0 }), value)));
  const legend = choice("Reviewers", reviewers.map((value) => make("label", {}, make("input", { type: "checkbox", name: "worth-reviewer", value, checked: true }), key(looks.get(value)), value)));
  const sliders = SLIDERS.map(slider);
  const plot = make("div");
  const summary = make("p", { role: "status" });
  const body = make("tbody");
  const groups = [["At τ*", 3], ["Best in hindsight", 2]].map(([textContent, colSpan]) => make("th", { className: "group", scope: "colgroup", colSpan, textContent }));
  const heads = ["utility", "caught", "false alarms", "utility", "threshold"].map((textContent) => make("th", { className: "inner", scope: "col", textContent }));
  const head = make("thead", {}, make("tr", {}, make("th", { scope: "col", rowSpan: 2, textContent: "Reviewer" }), ...groups), make("tr", {}, ...heads));
  const scroll = make("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: "Utility by reviewer" }, make("table", { className: "numbers" }, head, body));
  const narrow = matchMedia("(max-width: 34rem)");

  function settings() {
    const costs = Object.fromEntries(sliders.map(({ name, input }) => [name, Number(input.value)]));
    return { ...costs, rate: RATES[costs.rate] };
  }

  function show() {
    const costs = settings();
    const chosen = set.querySelector(":checked").value;
    const wanted = new Set([...legend.querySelectorAll(":checked")].map((each) => each.value));
    for (const { name, input, output } of sliders) {
      output.textContent = name === "rate" ? percent(costs.rate) : decimal(costs[name]);
      input.setAttribute("aria-valuetext", output.textContent);
    }
    const shown = reviewers
      .filter((name) => wanted.has(name))
      .map((name) => ({ name, look: looks.get(name), own: rows.filter((row) => row.set === chosen && row.reviewer === name) }))
      .filter(({ own }) => own.length)
      .map(({ own, ...each }) => ({ ...each, ...judged(own, costs) }));
    plot.replaceChildren(picture(shown, costs, narrow.matches));
    body.replaceChildren(...shown.map(line));
    summary.textContent = said(shown, costs, chosen);
  }

  const widget = make("section", { className: "worth", ariaLabel: "Utility by costs and base rate" }, set, legend, make("div", { className: "sliders" }, ...sliders.map((each) => each.slide)), plot, summary, scroll);
  widget.addEventListener("input", show);
  narrow.addEventListener("change", show);
  place.before(widget);
  show();
}

function line({ name, rule, best }) {
  const cells = [signed(rule.worth), percent(rule.caught), percent(rule.falseAlarms), signed(best.worth), best.p < Infinity ? decimal(best.p) : "none"];
  return make("tr", {}, make("th", { scope: "row", textContent: name }), ...cells.map((textContent) => make("td", { textContent })));
}

function said(shown, costs, chosen) {
  const rule = threshold(costs);
  const perfect = Math.max(0, 100 * costs.rate * (costs.saved - costs.verification));
  const what = rule > 1 ? "a check costs more than a caught bug saves, so no comment pays" : `the rule says to comment from a probability of ${decimal(rule)} on`;
  if (!shown.length) return `On ${chosen} changes, ${what}. No reviewer is chosen.`;
  const most = signed(Math.max(...shown.map((each) => each.rule.worth)));
  if (!most.startsWith("+")) return `On ${chosen} changes, ${what}. No reviewer earns anything then.`;
  const names = shown.filter((each) => signed(each.rule.worth) === most).map((each) => each.name);
  return `On ${chosen} changes, ${what}. Most is then earned by ${names.join(", ")}: ${most} per 100 changes, of ${perfect.toFixed(1)} possible.`;
}
