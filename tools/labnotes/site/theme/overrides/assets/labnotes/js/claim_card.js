import { all, find, make } from "./dom.js";
import { pageAt } from "./parts.js";
import { reportOf } from "./report.js";

/* The card of a claim, made of its row: the sentence with its number marked, both values side by side, what it may differ by and why, how often it held, where to go. */
export async function claimCard(row) {
  const box = make("span"),
    table = row.closest("table"),
    sentence = await sentenceOf(row);
  const top = box.appendChild(make("span", "ln-card-top"));
  top.append(make("b", "ln-card-name", wordsOf(find(".ln-name", row))), find(".ln-verdict", row).cloneNode(true));
  if (sentence) box.appendChild(make("span", "ln-card-quote")).append(...shortened(sentence));
  const values = box.appendChild(make("span", "ln-card-values"));
  values.append(valueBox("recorded", find(".ln-then", row), table.dataset.recorded));
  values.append(valueBox("latest run", find(".ln-now", row), table.dataset.latest));
  box.append(...requirement(find(".ln-must", row)));
  const often = find(".ln-often", row);
  if (often) box.append(make("span", "ln-card-line", `Agrees ${often.textContent}.`));
  box.append(links(row));
  return box;
}

/* The sentence of a claim stands on the page of the note's claims, which is asked for at the first card. */
async function sentenceOf(row) {
  const { page = "claims" } = row.dataset;
  try {
    const other = (await pageAt(new URL(`${page}/`, location.href.split("#")[0]).href)).getElementById(row.id);
    return find(".ln-sentence", other);
  } catch {
    return null; // a card without it
  }
}

const wordsOf = (cell) => (cell ? cell.firstChild?.textContent.trim() ?? "" : "");

/* A value in large, and under it when and where it was computed, and what its cell says besides. */
function valueBox(word, cell, where) {
  const box = make("span", "ln-card-value");
  box.append(make("small", "", word), make("b", "", wordsOf(cell)));
  const known = wordsOf(cell) !== "—";
  if (where && known) box.append(make("small", "", where));
  for (const note of all("small", cell)) box.append(make("small", "", note.textContent));
  return box;
}

/* What the claim must hold and how far it may move, as the row says it, with the reason. */
function requirement(cell) {
  const must = wordsOf(cell),
    reason = find(".ln-because", cell)?.textContent ?? "",
    lines = [];
  const fallback = must.includes("fresh draw") ? "on another CPU training goes another way" : must.includes("±") ? "half a unit of the last printed digit" : "";
  const line = make("span", "ln-card-line ln-card-must");
  line.append(make("span", "ln-card-word", "Allowed: "), make("b", "", must));
  if (reason || fallback) line.append(reason ? ` (${reason})` : ` (${fallback})`);
  lines.push(line);
  for (const note of all("small:not(.ln-because)", cell)) lines.push(make("span", "ln-card-line", note.textContent));
  return lines;
}

function links(row) {
  const { cell, gone, page = "claims" } = row.dataset,
    box = make("span", "ln-card-links");
  if (gone === undefined) box.appendChild(make("a", "", `Code of cell ${cell}`)).href = `#cell-${cell}`;
  else box.append(make("span", "", `cell ${cell} is not in the note any more`));
  box.appendChild(make("a", "", "History")).href = `${page}/#${row.id}`;
  box.appendChild(make("a", "", "All claims")).href = "#ln-check";
  const name = row.id.replace("claim-", ""),
    report = reportOf(name);
  box.appendChild(make("a", "", "Badge")).href = `badges/${name}.svg`;
  if (report) box.append(report);
  return box;
}

const ROOM = 130;

/* The sentence around its marked number, as much of it as a card has room for. */
function shortened(sentence) {
  const mark = find("mark", sentence);
  if (!mark) return [sentence.textContent];
  const before = mark.previousSibling?.textContent ?? "",
    after = mark.nextSibling?.textContent ?? "";
  const start = before.length > ROOM ? `… ${before.slice(before.indexOf(" ", before.length - ROOM) + 1)}` : before,
    end = after.length > ROOM ? `${after.slice(0, after.lastIndexOf(" ", ROOM))} …` : after;
  return [start, mark.cloneNode(true), end];
}
