import { all, find, make } from "./dom.js";

export function copyButtons() {
  for (const box of all("[data-ln-copy]")) {
    const code = find("code", box);
    box.append(
      ...copyButton(
        "Copy",
        () => code.textContent,
        () => getSelection().selectAllChildren(code),
      ),
    );
  }
}

/* A button that copies what `text` gives, and what tells of it; where nothing may be copied, `select` selects it. */
export function copyButton(name, text, select) {
  const button = make("button", "ln-button", name),
    said = make("span", "ln-vh");
  button.type = "button";
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = said.textContent = "Copied";
    } catch {
      select();
      button.textContent = said.textContent = "Selected";
    }
    setTimeout(() => {
      button.textContent = name;
      said.textContent = "";
    }, 1800);
  });
  return [button, said];
}
