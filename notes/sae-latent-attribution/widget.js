// A dashboard of the latents with the largest attribution: who makes them fire, on what, what they write, and what each does alone.
// Stands above the table "latents", which holds the same with the table "meanings", without this script.

const figures = ["latents", "meanings"].map((name) => document.querySelector(`[data-table="${name}"]`)?.closest("figure"));
const sources = figures.map((figure) => figure?.querySelector(".ln-tools a[download]"));

const WRITERS = ["villain", "incompetent", "flatterer", "helpful"];

const STYLE = `
.latents { font-family: var(--ln-sans); font-size: .7rem; margin: 1.6em 0; padding: .9em 1.1em 1em; border: 1px solid var(--ln-rule); border-radius: 4px }
.latents fieldset { border: 0; margin: 0 0 .5em; padding: 0; display: flex; flex-wrap: wrap; gap: .3em 1.1em; align-items: baseline }
.latents legend { float: left; color: var(--ln-ink-2); padding: 0; min-width: 4.5em }
.latents label { display: inline-flex; align-items: center; gap: .35em; min-height: 1.5rem; cursor: pointer }
.latents input { accent-color: var(--ln-link); margin: 0 }
section.latents h3.part { font-family: inherit; line-height: 1.4; font-size: .75rem; font-weight: 600; margin: .8em 0 .3em }
.latents p { margin: .2em 0 }
.latents .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: 0 2em }
.latents dl { display: grid; grid-template-columns: minmax(8.5em, auto) 1fr 3.4em; gap: .25em .8em; margin: 0; align-items: center }
.latents dt { font-weight: 400 }
.latents dd { margin: 0; display: contents }
.latents .bar { height: .7em; background: var(--ln-wash); border-bottom: 1px solid var(--ln-rule); position: relative }
.latents .bar i { position: absolute; inset: 0 auto 0 0; background: var(--ln-fig-blue); opacity: .85 }
.latents .number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap }
.latents .faint { color: var(--ln-ink-2) }
.latents ul { margin: 0; padding-left: 1.1em }
.latents mark { background: none; color: inherit; font-weight: 700; text-decoration: underline; text-underline-offset: .2em }
`;

if (sources.every(Boolean)) {
  try {
    const [numbers, words] = await Promise.all(sources.map(async (source) => read(await (await fetch(source.href)).text())));
    mount(numbers.map((row, i) => ({ ...row, ...words[i] })));
  } catch (error) {
    console.warn("the tables of latents could not be read; they stand in the page", error);
  }
}

function read(text) {
  const [head, ...lines] = text.trim().split(/\r?\n/).map((line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((cell) => cell[1].replace(/^"|"$/g, "").replaceAll('""', '"')));
  return lines.map((line) => Object.fromEntries(head.map((name, i) => [name, line[i]])));
}

function percent(share) {
  return `${(100 * share).toFixed(0)} %`;
}

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function choice(legend, name, values) {
  const labels = values.map((value, i) => make("label", {}, make("input", { type: "radio", name, value, checked: i === 0 }), value));
  return make("fieldset", {}, make("legend", { textContent: legend }), ...labels);
}

function bars(pairs, largest, text) {
  return make("dl", {}, ...pairs.flatMap(([label, value]) => {
    const fill = make("i");
    fill.style.width = `${(100 * value) / largest}%`;
    return [make("dt", { textContent: label }), make("dd", {}, make("span", { className: "bar", ariaHidden: "true" }, fill), make("span", { className: "number", textContent: text(value) }))];
  }));
}

function tokens(listed) {
  return listed.split("; ").map((each) => [each.slice(0, each.lastIndexOf(" ")), Number(each.slice(each.lastIndexOf(" ") + 1))]);
}

function passage(text) {
  const [before, marked, after] = text.split(/\[|\]/);
  return make("li", {}, before, make("mark", { textContent: marked }), after ?? "");
}

function part(title, ...children) {
  return make("div", {}, make("h3", { className: "part", textContent: title }), ...children);
}

function mount(rows) {
  document.head.append(make("style", { textContent: STYLE }));
  const seed = choice("Seed", "latents-seed", [...new Set(rows.map((row) => row.seed))]);
  const rank = choice("Rank", "latents-rank", [...new Set(rows.map((row) => row.rank))]);
  const panel = make("div", { ariaLive: "polite" });

  function show() {
    const [chosenSeed, chosenRank] = [seed, rank].map((each) => each.querySelector(":checked").value);
    const row = rows.find((each) => each.seed === chosenSeed && each.rank === chosenRank);
    const fires = tokens(row["fires on"]);
    const words = (name) => tokens(row[name]).map(([token, value]) => `${token} ${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(1)}`).join(", ");
    panel.replaceChildren(
      make("p", {}, make("strong", { textContent: `Latent ${row.latent}` }), ` — Δ-attribution ${Number(row.attribution).toFixed(2)} nats; by change of activation it ranks ${row["rank by difference"]}.`),
      make("p", { textContent: `Alone, it leaves ${percent(row["alone suppressed"])} bad answers when ablated in the organism, and gives ${percent(row["alone induced"])} when added to the assistant.` }),
      make("div", { className: "columns" },
        part("Whose documents make it fire", bars(WRITERS.map((writer) => [writer, Number(row[`${writer} writes`])]), 1, percent)),
        part("Tokens it fires on most (mean activation)", bars(fires, Math.max(...fires.map((each) => each[1])), (value) => value.toFixed(1))),
        part("What its direction writes (logits)", make("p", {}, make("span", { className: "faint", textContent: "raises " }), words("raises")), make("p", {}, make("span", { className: "faint", textContent: "lowers " }), words("lowers"))),
        part("Where it fires most", make("ul", {}, ...row.examples.split(" | ").map(passage))),
      ),
    );
  }

  const widget = make("section", { className: "latents", ariaLabel: "Dashboard of latents" }, seed, rank, panel);
  widget.addEventListener("input", show);
  figures[0].before(widget);
  show();
}
