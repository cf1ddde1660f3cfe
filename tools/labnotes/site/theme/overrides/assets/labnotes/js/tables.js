import { copyButton } from "./copy.js";
import { all, find, make } from "./dom.js";

const SORTED_ROWS = 3; // rows from which on an order is worth choosing

/* Columns of tables sort by a button in their heads; a third press restores the order that they had. In a note the page says which do. */
export function sortableTables() {
  for (const table of all("[data-ln-sort], .ln-text table:not([class])")) if (!table.closest(".doc-contents")) sortable(table);
}

function sortable(table) {
  const body = table.tBodies[0],
    original = body ? [...body.rows] : [],
    heads = table.tHead ? [...table.tHead.rows[0].cells] : [];
  if (original.length < SORTED_ROWS || original.some((row) => row.cells.length !== heads.length)) return;
  const number = (text) => {
    const plain = text.replace("−", "-").replace(/[,\s%]/g, "");
    return plain === "" ? NaN : Number(plain);
  };
  heads.forEach((head, column) => {
    if (!head.textContent.trim() || find("a, button", head)) return;
    const button = make("button", "ln-sort");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const next = { ascending: "descending", descending: "none" }[head.getAttribute("aria-sort")] || "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
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

/* Tables of hand-written pages scroll in a frame that Material puts around them: keys reach it where there is something to scroll. */
export function scrollableTables() {
  for (const frame of all(".md-typeset__scrollwrap")) {
    frame.classList.add("ln-scroll");
    if (frame.scrollWidth <= frame.clientWidth) continue;
    frame.tabIndex = 0;
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", "Table");
  }
}

/* The rows of a long table, and the first of them again. */
export function foldedTables() {
  for (const button of all(".ln-rows button")) {
    const invitation = button.textContent,
      frame = find(".ln-long", button.parentElement.parentElement);
    button.addEventListener("click", () => {
      const folded = frame.classList.toggle("ln-folded");
      button.setAttribute("aria-expanded", !folded);
      button.textContent = folded ? invitation : "Fewer rows";
    });
  }
}

/* Shows what a folded table holds that lies in `place`. */
export function unfoldRows(place) {
  for (const frame of all(".ln-folded", place)) find(".ln-rows button", frame.parentElement).click();
}

/* A recorded table as Markdown, as the page shows it. */
export function copiedTables() {
  for (const tools of all(".ln-table .ln-tools")) {
    const figure = tools.closest(".ln-table"),
      table = find("table", figure);
    const [button, said] = copyButton(
      "Copy as Markdown",
      () => markdownOf(table),
      () => {
        unfoldRows(figure);
        getSelection().selectAllChildren(table);
      },
    );
    button.className = "";
    tools.prepend(button, said);
  }
}

function markdownOf(table) {
  const text = (cell) => cell.textContent.trim().replace(/\s+/g, " ").replaceAll("|", "\\|");
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const heads = [...table.tHead.rows[0].cells];
  return [
    line(heads.map(text)),
    line(heads.map((head) => (head.classList.contains("n") ? "---:" : "---"))),
    ...[...table.tBodies[0].rows].map((row) => line([...row.cells].map(text))),
    "",
  ].join("\n");
}
