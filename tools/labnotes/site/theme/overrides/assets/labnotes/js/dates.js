import { all, find } from "./dom.js";

/* "Re-executed on 18 Nov 2026" becomes "Re-executed 3 days ago"; the date stays as a tooltip. */
export function relativeDates() {
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const time of all("time[data-ln-ago]")) {
    const days = Math.floor((Date.now() - Date.parse(time.dateTime)) / 864e5);
    if (days < 0 || days > 60) continue;
    time.title = time.textContent;
    const word = find("[data-ln-undated]", time.parentElement);
    if (word) word.textContent = word.dataset.lnUndated;
    time.textContent = words.format(-days, "day");
  }
}
