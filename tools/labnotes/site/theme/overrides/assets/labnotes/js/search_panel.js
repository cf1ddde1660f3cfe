import { make } from "./dom.js";
import { SearchIndex, markedParts } from "./search_ranking.js";

const KINDS = { note: "note", page: "page", author: "author", background: "page", reference: "reference" };
const MOST_MENTIONED = 4;
const LONGEST = 170;
const BEFORE = 60; // characters before the first word that was asked for

/* The panel of the search: a field and the answers to what is typed there. */
export class SearchPanel {
  #index = new SearchIndex();
  #state = "loading";
  #options = [];
  #active = -1;
  #address;
  #root;
  #dialog;
  #field;
  #status;
  #list;
  #empty;

  constructor(address) {
    this.#address = new URL(address, document.baseURI);
    this.#root = new URL("../", this.#address);
    this.#build();
    this.#load();
  }

  open(query = "") {
    if (query) this.#field.value = query;
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#field.focus();
    if (!query) this.#field.select();
    this.#show();
  }

  #build() {
    this.#dialog = make("dialog", "ln-search-panel");
    this.#dialog.setAttribute("aria-label", "Search");
    this.#field = make("input", "ln-search-field");
    const settings = {
      type: "text",
      role: "combobox",
      placeholder: "Search notes, claims, authors, pages",
      "aria-label": "Search",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": "ln-search-results",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      enterkeyhint: "go",
    };
    for (const [name, value] of Object.entries(settings)) this.#field.setAttribute(name, value);
    const close = make("button", "ln-search-close", "Close");
    close.type = "button";
    this.#status = make("p", "ln-search-status");
    this.#status.setAttribute("role", "status");
    this.#list = make("div", "ln-search-results");
    this.#list.id = "ln-search-results";
    this.#list.setAttribute("role", "listbox");
    this.#list.setAttribute("aria-label", "Results");
    this.#empty = make("p", "ln-search-empty");
    const all = make("a", "", "All notes");
    all.href = new URL("notes/", this.#root);
    this.#empty.append(all, " are listed by year.");
    const head = make("div", "ln-search-head");
    head.append(this.#field, close);
    this.#dialog.append(head, this.#status, this.#list, this.#empty);
    document.body.append(this.#dialog);
    this.#field.addEventListener("input", () => this.#show());
    this.#field.addEventListener("keydown", (event) => this.#press(event));
    close.addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog || event.target.closest("a")) this.#dialog.close(); // outside, or on the way elsewhere
    });
  }

  /* First what each page is about, then the words of sections and the claims. */
  async #load() {
    const read = async (address) => {
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      return (await answer.json()).pages;
    };
    try {
      this.#index.addPages(await read(this.#address));
      this.#state = "first";
      this.#show();
      this.#index.addSections(await read(new URL("search_sections.json", this.#address)));
      this.#state = "whole";
    } catch {
      this.#state = this.#state === "first" ? "part" : "failed";
    }
    this.#dialog.dataset.lnState = this.#state;
    this.#show();
  }

  #show() {
    const query = this.#field.value.trim();
    const answers = query && this.#state !== "loading" ? this.#index.answers(query) : [];
    this.#options = [];
    this.#list.replaceChildren(...answers.map((group) => this.#groupElement(group, query)));
    this.#list.hidden = !answers.length;
    this.#list.scrollTop = 0;
    this.#field.setAttribute("aria-expanded", String(answers.length > 0));
    this.#empty.hidden = answers.length > 0 || !query || this.#state === "loading";
    this.#status.textContent = this.#told(query);
    this.#activate(answers.length ? 0 : -1);
  }

  #told(query) {
    const count = this.#options.length;
    if (this.#state === "failed") return "The index of the search could not be loaded.";
    if (this.#state === "loading") return "Loading the index …";
    if (!query) return "Arrows choose, Enter opens, Escape closes.";
    const part = this.#state === "part" ? " Claims could not be loaded." : "";
    return (count ? `${count} ${count === 1 ? "result" : "results"}.` : this.#state === "first" ? "Searching …" : "No result.") + part;
  }

  #groupElement({ page, hits }, query) {
    const group = make("div", "ln-hits");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", page.title);
    hits.forEach(({ unit }, i) => group.append(this.#optionElement(unit, query, i > 0)));
    return group;
  }

  #optionElement(unit, query, isFurther) {
    const { page } = unit;
    const option = make("a", isFurther ? "ln-hit ln-hit-further" : "ln-hit");
    option.href = new URL(escapedAddress(unit), this.#root);
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.tabIndex = -1;
    option.id = `ln-hit-${this.#options.length}`;
    const said = { claim: unit.sentence || unit.names?.[0], section: unit.heading }[unit.kind] ?? page.title;
    const title = marked("ln-hit-title", said || page.title, query);
    const kind = make("span", "ln-hit-kind", unit.kind === "claim" ? "claim" : unit.kind === "section" ? "section" : KINDS[page.kind]);
    option.append(title);
    const about = make("span", "ln-hit-about");
    about.append(kind);
    if (unit.kind === "claim") about.append(" ", make("code", "", unit.names.join(", ")));
    if (!isFurther) {
      if (unit.kind !== page.kind) about.append(" in ", inLanguage(make("cite", "", page.title), page));
      else if (page.summary) option.append(inLanguage(marked("ln-hit-text", page.summary, query), page));
      if (page.date) about.append(make("span", "ln-sep"), make("span", "", page.date));
      if (page.state) about.append(make("span", "ln-sep"), make("span", `ln-tone-${page.tone}`, page.state));
    }
    inLanguage(title, page);
    if (!option.querySelector("mark")) option.append(...mentions(unit, query));
    option.append(about);
    option.addEventListener("pointermove", () => this.#activate(this.#options.indexOf(option)));
    this.#options.push(option);
    return option;
  }

  #press(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.isComposing) return;
    if (event.key in steps && this.#options.length) {
      event.preventDefault();
      this.#activate((this.#active + steps[event.key] + this.#options.length) % this.#options.length);
      this.#options[this.#active].scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      const { ctrlKey, metaKey, shiftKey } = event;
      this.#options[this.#active]?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }));
    }
  }

  #activate(number) {
    this.#options[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = number;
    const option = this.#options[number];
    option?.setAttribute("aria-selected", "true");
    if (option) this.#field.setAttribute("aria-activedescendant", option.id);
    else this.#field.removeAttribute("aria-activedescendant");
  }
}

/* What of a page was asked for that neither its title nor its summary says: other names, tags, authors, words of its text. */
function mentions(unit, query) {
  const words = new Map();
  for (const { name, text } of unit.texts ?? []) {
    if (["title", "summary", "slug", "pageHeading"].includes(name)) continue;
    const isWhole = !["words", "cited"].includes(name);
    for (const [from, to] of markedParts(text, query)) words.set(isWhole ? text : text.slice(from, to), true);
  }
  if (!words.size) return [];
  const element = make("span", "ln-hit-text", unit.texts.some(({ name }) => name === "cited") ? "cites " : "about ");
  [...words.keys()].slice(0, MOST_MENTIONED).forEach((word, i) => element.append(i ? ", " : "", ...marked("", word, query).childNodes));
  return [element];
}

/* Names of files and headings may hold any sign. */
function escapedAddress({ page, anchor }) {
  const path = page.address.split("/").map(encodeURIComponent).join("/");
  return (path || "./") + (anchor ? `#${encodeURIComponent(anchor)}` : "");
}

/* A note's own words are in its own language. */
function inLanguage(element, page) {
  if (page.language) element.lang = page.language;
  element.dir = page.direction || "auto";
  return element;
}

/* A text with the words that were asked for marked; of a long one the part where they stand. */
function marked(name, text, query) {
  const element = make("span", name),
    parts = markedParts(text, query);
  let at = 0,
    end = text.length;
  if (text.length > LONGEST) {
    const first = parts[0]?.[0] ?? 0;
    if (first > BEFORE) at = text.indexOf(" ", first - BEFORE) + 1 || first - BEFORE;
    if (end - at > LONGEST) end = Math.max(text.lastIndexOf(" ", at + LONGEST), at + LONGEST / 2);
  }
  if (at > 0) element.append("… ");
  for (const [from, to] of parts) {
    if (from < at || to > end) continue;
    element.append(text.slice(at, from), make("mark", "", text.slice(from, to)));
    at = to;
  }
  element.append(text.slice(at, end) + (end < text.length ? " …" : ""));
  return element;
}
