import { all, find } from "./dom.js";
import { unfoldRows } from "./tables.js";

/* What lies beside the page until it is opened: the link in a fold gives way to what it leads to. Without script, or without an answer, it stays. */
export function parts() {
  // Material opens every fold before printing; what is not open on the screen is not printed
  const printed = matchMedia("print");
  document.addEventListener("toggle", (event) => event.target.open && !printed.matches && loadParts(event.target), true);
  for (const fold of all("details[open]")) loadParts(fold);
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "f") showAll();
  });
}

/* The search of a browser finds what the page holds, and opens folds for it. */
function showAll() {
  for (const fold of all("details")) loadParts(fold);
  unfoldRows(document);
}

function loadParts(fold) {
  for (const place of all(".ln-part", fold)) if (place.closest("details") === fold) load(place);
}

async function load(place) {
  const link = find("a", place),
    address = link.href.split("#")[0];
  try {
    const section = (await pageAt(address)).getElementById(link.hash.slice(1));
    if (place.isConnected) place.replaceWith(...section.children);
  } catch (error) {
    pages.delete(address); // the next opening asks again
    console.warn(`${address} could not be loaded; the link to it stays`, error);
  }
}

const pages = new Map();

/* A page of this site, asked for once. Nothing in it runs: it is read, and only then part of what is shown. */
export function pageAt(address) {
  if (!pages.has(address)) pages.set(address, read(address));
  return pages.get(address);
}

async function read(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
