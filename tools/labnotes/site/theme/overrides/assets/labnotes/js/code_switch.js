import { all, find, make, remembered } from "./dom.js";

/* One switch for all code of the page. */
export function codeSwitch() {
  const folds = all("details.ln-code:not(.ln-messages)"),
    badge = find(".ln-badge");
  if (folds.length < 2 || !badge) return;
  const row = make("p", "ln-switch"),
    button = row.appendChild(make("button", "ln-button"));
  button.type = "button";
  const set = (on) => {
    button.setAttribute("aria-pressed", on);
    button.textContent = on ? "Hide all code" : `Show all code (${folds.length} cells)`;
    for (const fold of folds) fold.open = on;
    document.documentElement.classList.toggle("ln-code-on", on);
  };
  let on = remembered.get("ln-code") === "1";
  button.addEventListener("click", () => {
    on = !on;
    set(on);
    remembered.set("ln-code", on ? "1" : "0");
  });
  set(on);
  badge.after(row);
}
