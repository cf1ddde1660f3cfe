import { all, make } from "./dom.js";

/* Columns of a note's tables sort by a button in their heads; a third press restores the note's own order. */
export function sortableTables() {
  for (const table of all("[data-ln-sort]")) sortable(table);
}

function sortable(table) {
  const body = table.tBodies[0],
    original = [...body.rows];
  if (original.length < 3) return;
  const number = (text) => {
    const plain = text.replace("−", "-").replace(/[,\s%]/g, "");
    return plain === "" ? NaN : Number(plain);
  };
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = make("button", "ln-sort", head.textContent);
    button.type = "button";
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const next = { ascending: "descending", descending: "none" }[head.getAttribute("aria-sort")] || "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      if (next !== "none") head.setAttribute("aria-sort", next);
      const sign = next === "descending" ? -1 : 1,
        key = (row) => row.cells[column].textContent.trim();
      const compare = (a, b) => {
        const [m, n] = [number(key(a)), number(key(b))];
        if (Number.isNaN(m) || Number.isNaN(n))
          return Number.isNaN(m) && Number.isNaN(n) ? sign * key(a).localeCompare(key(b)) : Number.isNaN(m) - Number.isNaN(n);
        return sign * (m - n);
      };
      body.append(...(next === "none" ? original : [...original].sort(compare)));
    });
  });
}

/* Tables of the prose scroll in a frame that Material puts around them: keys reach it where there is something to scroll. */
export function scrollableTables() {
  for (const frame of all(".md-typeset__scrollwrap")) if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
}
