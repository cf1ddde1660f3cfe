import { find, make } from "./dom.js";

const CLAIM = /LN-CLAIM/g; // in the place of a claim's name, as talk_back.py has it

/* A link to an issue or a mail about a claim; null where the lab names no way. */
export function reportOf(name) {
  const address = find("[data-ln-report]")?.dataset.lnReport;
  if (!address) return null;
  const link = make("a", "", "Report");
  link.href = address.replace(CLAIM, encodeURIComponent(name));
  return link;
}
