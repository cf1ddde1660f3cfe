/* Conveniences. Every page is complete without them. */
(() => {
  "use strict";
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, className = "", text = null) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== null) element.textContent = text;
    return element;
  };
  const remembered = {
    // storage may be closed, as in private windows
    get(key) {
      try {
        return localStorage.getItem(key);
      } catch {
        return null;
      }
    },
    set(key, value) {
      try {
        localStorage.setItem(key, value);
      } catch {
        /* nothing to do */
      }
    },
  };

  /* "18 Nov 2026" becomes "3 days ago"; the date stays as a tooltip. */
  function relativeDates() {
    const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
    for (const time of all("time[data-ln-ago]")) {
      const days = Math.floor((Date.now() - Date.parse(time.dateTime)) / 864e5);
      if (days < 0 || days > 60) continue;
      time.title = time.textContent;
      const before = time.previousElementSibling;
      if (before && before.textContent.endsWith(" on")) before.textContent = before.textContent.slice(0, -3);
      time.textContent = words.format(-days, "day");
    }
  }

  /* A link to something inside a closed <details> opens it. */
  function openTarget() {
    let id = location.hash.slice(1);
    try {
      id = decodeURIComponent(id);
    } catch {
      /* an address that is no encoding is taken as it is */
    }
    const target = id && document.getElementById(id);
    if (!target) return;
    let opened = false;
    for (let node = target; node; node = node.parentElement) {
      if (node.tagName === "DETAILS" && !node.open) {
        node.open = true;
        opened = true;
      }
    }
    if (opened) target.scrollIntoView();
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
    return box;
  }

  function cards() {
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

  function copyButtons() {
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

  /* One switch for all code of the page. */
  function codeSwitch() {
    const folds = all("details.ln-code"),
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

  const READOUT_GAP = 12; // pixels between a mark and its values, as in the style sheet

  /* Values under the pointer, or by arrow keys: the recorded ones. */
  function readout(figure) {
    const picture = find(".ln-picture", figure),
      NS = "http://www.w3.org/2000/svg";
    const layer = document.createElementNS(NS, "svg"),
      label = make("span", "ln-readout"),
      live = make("span", "ln-vh");
    const name = find(".ln-num", figure).textContent;
    const attributes = {
      class: "ln-plot",
      tabindex: "0",
      role: "application",
      preserveAspectRatio: "none",
      "aria-label": `Read values of ${name} with the arrow keys; the table under Data has them all`,
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

  /* Columns of a note's tables sort by a button in their heads; a third press restores the note's own order. */
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

  /* The filter of the Reproducibility page; its state lives in the address. */
  function filter() {
    const form = find(".ln-filter");
    if (!form) return;
    const rows = all(".ln-all tbody tr"),
      boxes = all('input[name="v"]', form),
      words = find('input[name="q"]', form);
    const said = find("output", form),
      empty = find(".ln-empty"),
      query = new URLSearchParams(location.search);
    form.hidden = false;
    if (query.has("q")) words.value = query.get("q");
    if (query.has("v")) for (const box of boxes) box.checked = query.get("v").split(",").includes(box.value);
    const texts = rows.map((row) => `${row.textContent} ${find("h2", row.closest("section")).textContent}`.toLowerCase());
    const apply = () => {
      const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean),
        on = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      let count = 0;
      rows.forEach((row, i) => {
        row.hidden = !(on.has(row.dataset.verdict) && wanted.every((word) => texts[i].includes(word)));
        count += !row.hidden;
      });
      const asked = wanted.length > 0 || on.size < boxes.length;
      for (const section of all(".ln-repro-note")) {
        section.hidden = !find("tbody tr:not([hidden])", section);
        if (asked && !section.hidden) find(".ln-fold", section).open = true;
      }
      said.textContent = `${count} of ${rows.length}`;
      empty.hidden = count > 0;
      const state = new URLSearchParams();
      if (words.value) state.set("q", words.value);
      if (on.size < boxes.length) state.set("v", [...on].join(","));
      history.replaceState(null, "", location.pathname + (state.size ? `?${state}` : "") + location.hash);
    };
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    apply();
  }

  /* Tables of the prose scroll in a frame that Material puts around them: keys reach it where there is something to scroll. */
  function scrollable() {
    for (const frame of all(".md-typeset__scrollwrap")) if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
  }

  relativeDates();
  cards();
  copyButtons();
  codeSwitch();
  filter();
  openTarget();
  addEventListener("hashchange", openTarget);
  addEventListener("load", scrollable);
  addEventListener("resize", scrollable);
  for (const figure of all("[data-ln-figure]")) readout(figure);
  for (const table of all("[data-ln-sort]")) sortable(table);
})();
