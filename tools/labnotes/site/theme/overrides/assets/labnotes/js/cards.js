import { all, find, make } from "./dom.js";
import { reportOf } from "./report.js";

export function cards() {
  const links = all("a.ln-claim, a.ln-cite, a.ln-xref");
  if (!links.length) return;
  const card = make("span", "ln-card"),
    touch = matchMedia("(hover: none)");
  card.id = "ln-card";
  card.hidden = true;
  let owner = null,
    timer = 0;
  const later = (action, delay) => {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  };
  const hide = () => {
    clearTimeout(timer);
    owner?.removeAttribute("aria-describedby");
    owner = null;
    card.hidden = true;
  };
  const show = (link) => {
    clearTimeout(timer);
    if (owner === link) return;
    hide();
    const content = cardFor(link);
    if (!content) return;
    owner = link;
    card.replaceChildren(...content.childNodes);
    link.after(card); // next in tab order
    card.hidden = false;
    link.setAttribute("aria-describedby", card.id);
    place(card, link);
  };
  for (const link of links) {
    link.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && later(() => show(link), 120));
    link.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && later(hide, 220));
    link.addEventListener("focus", () => link.matches(":focus-visible") && show(link));
    link.addEventListener("click", (event) => {
      if (touch.matches && owner !== link) {
        event.preventDefault();
        show(link);
      } else hide();
    });
  }
  card.addEventListener("pointerenter", () => clearTimeout(timer));
  card.addEventListener("pointerleave", () => later(hide, 220));
  card.addEventListener("click", (event) => event.target.closest("a") && setTimeout(hide));
  const outside = (event) => {
    if (owner && event.target !== owner && !card.contains(event.target)) hide();
  };
  document.addEventListener("focusin", outside);
  document.addEventListener("pointerdown", outside);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !owner) return;
    const link = owner;
    hide();
    link.focus();
    hide();
  });
}

/* One card for claims, citations and cross-references, made of what the link points to. */
function cardFor(link) {
  const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!target) return null;
  if (link.classList.contains("ln-claim")) return claimCard(target);
  const box = make("span");
  if (link.classList.contains("ln-cite")) {
    box.append(...[...target.childNodes].map((node) => node.cloneNode(true)));
    return box;
  }
  const picture = find("img", target),
    caption = find("figcaption", target);
  if (picture) {
    const copy = picture.cloneNode();
    copy.alt = "";
    copy.loading = "eager";
    box.append(copy);
  }
  const words = box.appendChild(make("span"));
  if (caption) words.append(...[...caption.childNodes].map((node) => node.cloneNode(true)));
  for (const inner of all("a", words))
    inner.replaceWith(make("b", inner.matches(".ln-verdict") ? inner.className : "", inner.textContent));
  for (const inner of all("[id]", box)) inner.removeAttribute("id");
  return box;
}

function claimCard(row) {
  const { recorded, interval, latest, must, stands, draws, reason, noise, verdict, cell, gone } = row.dataset;
  const box = make("span"),
    top = box.appendChild(make("span", "ln-card-top"));
  top.append(make("span", "ln-card-name", row.id.replace("claim-", "")), make("span", `ln-verdict v-${verdict.replaceAll(" ", "-")}`, verdict));
  const grid = box.appendChild(make("span", "ln-card-grid"));
  const lines = [
    ["Recorded", recorded],
    ["Interval", interval],
    ["Latest run", latest],
    ["Must hold", must],
    ["Statement", [stands, draws].filter(Boolean).join(", ")],
    ["Reason", reason],
    ["Noise measured", noise],
  ];
  for (const [word, value] of lines) if (value) grid.append(make("span", "", word), make("span", "", value));
  const links = box.appendChild(make("span", "ln-card-links"));
  if (gone === undefined) links.appendChild(make("a", "", `Code of cell ${cell}`)).href = `#cell-${cell}`;
  else links.append(make("span", "", `cell ${cell} is not in the note any more`));
  links.appendChild(make("a", "", "All claims")).href = "#ln-check";
  links.appendChild(make("a", "", "Badge")).href = `badges/${row.id.replace("claim-", "")}.svg`;
  links.append(...[reportOf(row.id.replace("claim-", ""))].filter(Boolean));
  return box;
}

/* Below the link, or above it where there is no room. */
function place(card, link) {
  card.style.left = card.style.top = "0";
  const origin = card.getBoundingClientRect(),
    line = link.getClientRects()[0],
    edge = 16;
  const room = document.documentElement.clientWidth - card.offsetWidth - edge;
  const left = Math.max(edge, Math.min(line.left + line.width / 2 - card.offsetWidth / 2, room));
  const above = line.top - card.offsetHeight - 8,
    below = line.bottom + 8;
  const top = below + card.offsetHeight > innerHeight && above > 60 ? above : below;
  card.style.left = `${left - origin.left}px`;
  card.style.top = `${top - origin.top}px`;
}
