import { all, find, make } from "./dom.js";

export function copyButtons() {
  for (const box of all("[data-ln-copy]")) {
    const button = make("button", "ln-button", "Copy"),
      said = make("span", "ln-vh"),
      code = find("code", box);
    button.type = "button";
    said.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = said.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = said.textContent = "Selected";
      }
      setTimeout(() => {
        button.textContent = "Copy";
        said.textContent = "";
      }, 1800);
    });
    box.append(button, said);
  }
}
