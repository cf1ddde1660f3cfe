import { all, find } from "./dom.js";

/* The filter of the Reproducibility page; its state lives in the address. */
export function filter() {
  const form = find(".ln-filter");
  if (!form) return;
  const rows = all("[data-ln-title] tbody [data-verdict]"),
    boxes = all('input[name="v"]', form),
    words = find('input[name="q"]', form);
  const said = find("output", form),
    empty = find(".ln-empty"),
    query = new URLSearchParams(location.search);
  form.hidden = false;
  if (query.has("words")) words.value = query.get("words"); // q is the site's own search
  if (query.has("v")) for (const box of boxes) box.checked = query.get("v").split(",").includes(box.value);
  // a reader looks for what the row says, and for the title of its note
  const texts = rows.map((row) => `${row.textContent} ${row.closest("[data-ln-title]").dataset.lnTitle}`.toLowerCase());
  const apply = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean),
      on = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let count = 0;
    rows.forEach((row, i) => {
      row.hidden = !(on.has(row.dataset.verdict) && wanted.every((word) => texts[i].includes(word)));
      count += !row.hidden;
    });
    const asked = wanted.length > 0 || on.size < boxes.length;
    for (const section of all("[data-ln-title]")) {
      section.hidden = !find("tbody tr:not([hidden])", section);
      if (asked && !section.hidden) find(".ln-fold", section).open = true;
    }
    said.textContent = `${count} of ${rows.length}`;
    empty.hidden = count > 0;
    const state = new URLSearchParams();
    if (words.value) state.set("words", words.value);
    if (on.size < boxes.length) state.set("v", [...on].join(","));
    history.replaceState(null, "", location.pathname + (state.size ? `?${state}` : "") + location.hash);
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
}
