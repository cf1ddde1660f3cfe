import { all, find, make } from "./dom.js";

const READOUT_GAP = 12; // pixels between a mark and its values, as in note.css

/* Values under the pointer, or by arrow keys: the recorded ones. */
export function readouts() {
  for (const figure of all("[data-ln-figure]")) readout(figure);
}

function readout(figure) {
  const picture = find(".ln-picture", figure),
    NS = "http://www.w3.org/2000/svg";
  const layer = document.createElementNS(NS, "svg"),
    label = make("span", "ln-readout"),
    live = make("span", "ln-vh");
  const attributes = {
    class: "ln-plot",
    tabindex: "0",
    role: "application",
    preserveAspectRatio: "none",
    "aria-label": `Read values of ${figure.dataset.lnName} with the arrow keys; the table under Data has them all`,
  };
  for (const [key, value] of Object.entries(attributes)) layer.setAttribute(key, value);
  label.hidden = true;
  live.setAttribute("aria-live", "polite");
  picture.append(layer, label, live);
  let marks = [],
    at = -1,
    loading = null;

  const load = () =>
    (loading ||= fetch(figure.dataset.lnFigure)
      .then((answer) => answer.json())
      .then((data) => {
        marks = marksOf(data);
      }));
  const draw = (mark) => {
    const w = picture.clientWidth,
      h = picture.clientHeight,
      circle = document.createElementNS(NS, "circle"),
      drop = document.createElementNS(NS, "path");
    layer.setAttribute("viewBox", `0 0 ${w} ${h}`);
    drop.setAttribute("class", "ln-drop");
    drop.setAttribute("d", `M${mark.x * w} ${mark.y * h}V${mark.floor * h}`);
    for (const [key, value] of Object.entries({ class: "ln-dot", cx: mark.x * w, cy: mark.y * h, r: 5.5 }))
      circle.setAttribute(key, value);
    layer.replaceChildren(drop, circle);
  };
  const show = (index, speak) => {
    const mark = marks[index];
    if (!mark) return;
    at = index;
    draw(mark);
    label.replaceChildren(make("b", "", mark.value), ` ${mark.words}`);
    label.hidden = false;
    // in the part of the picture that is seen (on a phone it scrolls), above the mark where there is room
    const frame = picture.parentElement,
      half = label.offsetWidth / 2,
      top = mark.y * picture.clientHeight;
    if (speak) frame.scrollLeft = mark.x * picture.clientWidth - frame.clientWidth / 2;
    const left = Math.max(mark.x * picture.clientWidth, frame.scrollLeft + half);
    label.style.left = `${Math.min(left, frame.scrollLeft + frame.clientWidth - half)}px`;
    label.style.top = `${top}px`;
    label.classList.toggle("ln-below", label.offsetHeight + READOUT_GAP > top);
    if (speak) live.textContent = label.textContent;
  };
  const hide = () => {
    layer.replaceChildren();
    label.hidden = true;
  };
  const nearest = (event) => {
    const box = layer.getBoundingClientRect();
    let best = -1,
      least = 44 * 44;
    marks.forEach((mark, i) => {
      const away = (mark.x * box.width - event.clientX + box.left) ** 2 + (mark.y * box.height - event.clientY + box.top) ** 2;
      if (away < least) {
        least = away;
        best = i;
      }
    });
    if (best < 0) hide();
    else show(best, false);
  };
  const ready = (action) => (event) =>
    load()
      .then(() => action(event))
      .catch(() => layer.remove());
  layer.addEventListener("pointermove", ready(nearest));
  layer.addEventListener("pointerdown", ready(nearest));
  layer.addEventListener("pointerleave", hide);
  layer.addEventListener(
    "focus",
    ready(() => layer.matches(":focus-visible") && show(Math.max(at, 0), true)),
  );
  layer.addEventListener("blur", hide);
  layer.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const target = step ? (at + step + marks.length) % marks.length : { Home: 0, End: marks.length - 1 }[event.key];
    if (target !== undefined) {
      event.preventDefault();
      show(target, true);
    } else if (event.key === "Escape") hide();
  });
}

/* Recorded points as places in the picture (shares of its width and height) and what each says: texts made when the site was built. */
function marksOf(series) {
  return series.flatMap(({ name, lead, floor, x, y, values, words }) =>
    values.map((value, i) => ({ x: x[i], y: y[i], floor, value, words: [name, lead + words[i]].filter(Boolean).join(", ") })),
  );
}
