import { all, find, make } from "./dom.js";

/* Finds claims by the words of their sentences, by name and by verdict, in claims.json, which is read once somebody asks. The state lives in the address. */
const SHOWN = 40;

export function findClaims() {
  const form = find(".ln-filter");
  if (!form) return;
  const boxes = all('input[name="v"]', form),
    words = find('input[name="q"]', form),
    said = find("output", form),
    list = find(".ln-matches"),
    query = new URLSearchParams(location.search);
  let known = null;
  form.hidden = false;
  if (query.has("words")) words.value = query.get("words"); // q is the site's own search
  if (query.has("v")) for (const box of boxes) box.checked = query.get("v").split(",").includes(box.value);

  const apply = async () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean),
      on = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    keepState(words.value, on.size < boxes.length ? [...on] : null);
    const asked = wanted.length > 0 || on.size < boxes.length;
    list.hidden = !asked;
    if (!asked) {
      said.textContent = "";
      list.replaceChildren();
      return;
    }
    known ??= readClaims(form.dataset.lnClaims, form.dataset.lnNote);
    const claims = await known.catch(() => null);
    if (!claims) {
      known = null;
      said.textContent = "The list of claims could not be read.";
      return;
    }
    const matches = claims.filter((claim) => on.has(claim.verdict) && wanted.every((word) => claim.text.includes(word)));
    said.textContent = `${matches.length} of ${claims.length}${matches.length > SHOWN ? `, the first ${SHOWN} shown` : ""}`;
    list.replaceChildren(...matches.slice(0, SHOWN).map(entry));
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  if (query.has("words") || query.has("v")) apply();
}

function keepState(text, verdicts) {
  const state = new URLSearchParams(location.search);
  state.delete("words");
  state.delete("v");
  if (text) state.set("words", text);
  if (verdicts) state.set("v", verdicts.join(","));
  history.replaceState(null, "", location.pathname + (state.size ? `?${state}` : "") + location.hash);
}

/* Every quantity, with where it stands and the text by which it is found. */
async function readClaims(path, slug) {
  const source = new URL(path, location.href),
    reply = await fetch(source);
  if (!reply.ok) throw new Error(reply.statusText);
  const { notes } = await reply.json();
  return notes
    .filter((note) => !slug || note.slug === slug)
    .flatMap((note) =>
      note.quantities.map((quantity) => ({
        ...quantity,
        note: note.title,
        href: new URL(`${note.slug}/#${quantity.anchor}`, source).href,
        text: [quantity.title, quantity.name, quantity.sentence, quantity.kind, note.title].join(" ").toLowerCase(),
      }))
    );
}

function entry(claim) {
  const item = make("li"),
    link = item.appendChild(make("a", "ln-name", claim.title));
  item.dataset.verdict = claim.verdict;
  link.href = claim.href;
  item.append(" ", make("span", `ln-verdict v-${claim.verdict.replaceAll(" ", "-")}`, claim.verdict));
  if (claim.kind === "claim") item.append(` ${claim.recorded}${claim.latest && claim.latest !== claim.recorded ? ` → ${claim.latest}` : ""}`);
  item.append(" ", make("small", "", claim.note));
  if (claim.sentence) {
    const [from, to] = claim.number_at,
      signs = [...claim.sentence], // as they are counted: by character, not by half of one
      part = (start, end) => signs.slice(start, end).join("");
    item.appendChild(make("span", "ln-sentence")).append(part(0, from), make("mark", "", part(from, to)), part(to));
  }
  return item;
}
