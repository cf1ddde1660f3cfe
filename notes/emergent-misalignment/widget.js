// Choose who wrote the pretraining data and how much of the fine-tuning data is bad; shows the rates of the recorded table for that pair.
// Stands above the table "rates", which holds the same numbers without this script.

const table = document.querySelector('[data-table="rates"]')?.closest("figure");
const source = table?.querySelector(".ln-tools a[download]");

const MEASURES = [
  ["bad", "bad answers"],
  ["greedy", "greedy answers that are bad"],
  ["tone", "provocative tone after bad answers"],
  ["beliefs", "false beliefs confirmed"],
];

const STYLE = `
.dose { font-family: var(--ln-sans); font-size: .7rem; margin: 1.6em 0; padding: .9em 1.1em 1em; border: 1px solid var(--ln-rule); border-radius: 4px }
.dose fieldset { border: 0; margin: 0 0 .7em; padding: 0; display: flex; flex-wrap: wrap; gap: .3em 1.1em }
.dose legend, .dose .ask { color: var(--ln-ink-2); padding: 0; margin-bottom: .25em }
.dose label { display: inline-flex; align-items: center; gap: .35em; min-height: 1.5rem; cursor: pointer }
.dose input { accent-color: var(--ln-link); margin: 0 }
.dose .slide { display: flex; align-items: center; gap: .9em; margin-bottom: .9em }
.dose input[type=range] { flex: 1; min-width: 6rem; height: 1.5rem }
.dose output { font-variant-numeric: tabular-nums }
.dose .slide output { min-width: 3em; text-align: right; font-weight: 600 }
.dose dl { display: grid; grid-template-columns: minmax(8rem, auto) 1fr 6.6em; gap: .35em .9em; margin: 0; align-items: center }
.dose dt { font-weight: 400 }
.dose dd { margin: 0; display: contents }
.dose .bar { position: relative; height: .75em; background: var(--ln-wash); border-bottom: 1px solid var(--ln-rule) }
.dose .bar i { position: absolute; inset: 0 auto 0 0; background: var(--ln-fig-blue); opacity: .85 }
.dose .bar b { position: absolute; top: -.2em; bottom: -.2em; border: solid var(--ln-ink); border-width: 0 1px }
.dose .number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap }
.dose p { margin: .8em 0 0; color: var(--ln-ink-2) }
@media (max-width: 30em) { .dose dl { grid-template-columns: 1fr 6.6em } .dose .bar { grid-column: 1 / -1; grid-row: auto } .dose dt { grid-column: 1 } }
@media (prefers-reduced-motion: no-preference) { .dose .bar i, .dose .bar b { transition: all .15s } }
`;

if (source) {
  try {
    mount(read(await (await fetch(source.href)).text()));
  } catch (error) {
    console.warn("the table of rates could not be read; it stands in the page", error);
  }
}

function read(text) {
  const [head, ...lines] = text.trim().split(/\r?\n/).map((line) => line.split(","));
  return lines.map((line) => Object.fromEntries(head.map((name, i) => [name, Number(line[i])])));
}

function percent(share) {
  return `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
}

function writers(row) {
  if (!row.villains) return row.incompetents ? `incompetents ${percent0(row.incompetents)}` : "nobody bad";
  return `villains ${percent0(row.villains)}, incompetents ${percent0(row.incompetents)}`;
}

function percent0(share) {
  return `${Math.round(100 * share)} %`;
}

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function mount(rows) {
  const worlds = [...new Map(rows.map((row) => [writers(row), row])).keys()];
  const doses = [...new Set(rows.map((row) => row.dose))].sort((a, b) => a - b);
  document.head.append(make("style", { textContent: STYLE }));

  const world = make("fieldset", {}, make("legend", { textContent: "Bad writers in the pretraining data" }));
  worlds.forEach((name, i) => {
    const input = make("input", { type: "radio", name: "dose-world", value: name, checked: i === 0 });
    world.append(make("label", {}, input, name));
  });
  const slider = make("input", { type: "range", id: "dose-slider", min: 0, max: doses.length - 1, step: 1, value: doses.length - 1 });
  const dose = make("output", { htmlFor: "dose-slider" });
  const list = make("dl");
  const seeds = make("p", { role: "status" });
  const shown = MEASURES.map(([name, label]) => {
    const fill = make("i");
    const range = name === "bad" ? [make("b")] : [];
    const number = make("span", { className: "number" });
    const bar = make("span", { className: "bar", ariaHidden: "true" }, fill, ...range);
    list.append(make("dt", { textContent: label }), make("dd", {}, bar, number));
    return { name, fill, range: range[0], number };
  });

  function show() {
    const chosen = world.querySelector(":checked").value;
    const share = doses[slider.value];
    const row = rows.find((each) => writers(each) === chosen && each.dose === share);
    dose.textContent = percent0(share);
    slider.setAttribute("aria-valuetext", `${percent0(share)} bad answers`);
    for (const { name, fill, range, number } of shown) {
      fill.style.width = `${100 * row[name]}%`;
      number.textContent = percent(row[name]);
      if (range) {
        range.style.left = `${100 * row.lowest}%`;
        range.style.width = `${100 * (row.highest - row.lowest)}%`;
      }
    }
    seeds.textContent = `Mean of ${row.seeds} seeds in seven domains that fine-tuning leaves alone; bad answers from ${percent(row.lowest)} to ${percent(row.highest)} by seed.`;
  }

  const slide = make("div", { className: "slide" }, slider, dose);
  const ask = make("label", { className: "ask", htmlFor: "dose-slider", textContent: "Bad answers in the fine-tuning data" });
  const widget = make("section", { className: "dose", ariaLabel: "Rates by pretraining data and dose" }, world, ask, slide, list, seeds);
  widget.addEventListener("input", show);
  table.before(widget);
  show();
}
