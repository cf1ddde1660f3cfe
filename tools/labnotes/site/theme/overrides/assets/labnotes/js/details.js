import { unfoldRows } from "./tables.js";

/* A link to something inside a closed <details> opens it, and what that lies in; Material opens the nearest alone, and decodes no address. */
export function openTarget() {
  let id = location.hash.slice(1);
  try {
    id = decodeURIComponent(id);
  } catch {
    /* an address that is no encoding is taken as it is */
  }
  const target = id && document.getElementById(id);
  if (!target) return;
  const frame = target.closest(".ln-folded");
  let opened = Boolean(frame);
  if (frame) unfoldRows(frame.parentElement);
  for (let node = target; node; node = node.parentElement) {
    if (node.tagName === "DETAILS" && !node.open) {
      node.open = true;
      opened = true;
    }
  }
  if (opened) target.scrollIntoView();
}
