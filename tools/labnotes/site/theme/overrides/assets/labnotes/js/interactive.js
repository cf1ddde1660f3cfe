import { all, find, make } from "./dom.js";

const MOST_HEIGHT = 2000; // pixels; what is higher scrolls

/* The link to a figure drawn by its own library shows that in the place of the picture, and the picture again. */
export function interactiveFigures() {
  for (const link of all("a.ln-interactive")) interactiveFigure(link);
}

function interactiveFigure(link) {
  const figure = link.closest(".ln-figure"),
    frame = find(".ln-frame", figure),
    name = link.dataset.lnName;
  const button = make("button", "ln-interactive", "Interactive");
  button.type = "button";
  button.title = link.title;
  button.append(make("span", "ln-vh", ` ${name}`));
  let drawn = null;
  const isDark = () => document.body.dataset.mdColorScheme === "slate";
  const draw = () => {
    drawn = make("iframe", "ln-drawn-here");
    drawn.sandbox = "allow-scripts";
    drawn.title = `${name}, interactive`;
    drawn.src = `${link.href}#${isDark() ? "dark" : "light"}`;
    drawn.style.height = `${Math.max(frame.clientHeight, 320)}px`;
    frame.hidden = true;
    frame.after(drawn);
    button.firstChild.textContent = "Picture";
  };
  const putBack = () => {
    drawn.remove();
    drawn = null;
    frame.hidden = false;
    button.firstChild.textContent = "Interactive";
  };
  addEventListener("message", (event) => {
    const height = drawn && event.source === drawn.contentWindow && Number(event.data?.labnotesHeight);
    if (height) drawn.style.height = `${Math.min(height, MOST_HEIGHT)}px`;
  });
  button.addEventListener("click", () => (drawn ? putBack() : draw()));
  link.replaceWith(button);
  new MutationObserver(() => {
    if (drawn) {
      putBack();
      draw();
    }
  }).observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
}
