import { find } from "./dom.js";

/* Opens the search: by its button, by / or Ctrl+K, or by an address with ?q=. Nothing of it is loaded before. */
export function search() {
  const button = find(".ln-search-open");
  if (!button) return;
  let isLoading = false,
    panel = null,
    typed = ""; // what a reader typed before the field was there
  const keep = (event) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    typed += event.key;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const open = async (query) => {
    if (panel) panel.open(query);
    if (panel || isLoading) return;
    isLoading = true;
    addEventListener("keydown", keep, true);
    try {
      const { SearchPanel } = await import("./search_panel.js");
      panel = new SearchPanel(button.dataset.lnIndex);
    } catch {
      location.href = find(".ln-search-link").href; // all notes, as without script
      return;
    } finally {
      removeEventListener("keydown", keep, true);
      isLoading = false;
    }
    panel.open(query ?? typed);
  };
  button.addEventListener("click", () => open());
  addEventListener("keydown", (event) => {
    const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isWriting(event.target);
    const isCombination = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
    if (event.defaultPrevented || !(isSlash || isCombination)) return;
    event.preventDefault();
    open();
  });
  const query = new URLSearchParams(location.search).get("q");
  if (query) open(query);
}

const isWriting = (element) => element.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
