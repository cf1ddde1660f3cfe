import { all, find, remembered } from "./dom.js";

/* One switch for all code of the page, which stands there from the start: what came later would move the text. */
export function codeSwitch() {
  const button = find(".ln-switch button");
  if (!button) return;
  const folds = all("details.ln-code:not(.ln-messages)"),
    invitation = button.textContent;
  const set = (on) => {
    button.setAttribute("aria-pressed", on);
    button.textContent = on ? "Hide all code" : invitation;
    for (const fold of folds) fold.open = on;
    document.documentElement.classList.toggle("ln-code-on", on);
  };
  let on = remembered.get("ln-code") === "1";
  button.addEventListener("click", () => {
    on = !on;
    set(on);
    remembered.set("ln-code", on ? "1" : "0");
  });
  if (on) set(on);
}
