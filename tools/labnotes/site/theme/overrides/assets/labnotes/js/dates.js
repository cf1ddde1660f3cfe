import { all, find } from "./dom.js";

/* "on 18 Nov 2026" becomes "3 days ago"; the date stays as a tooltip. */
export function relativeDates() {
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const time of all("time[data-ln-ago]")) {
    const days = Math.floor((Date.now() - Date.parse(time.dateTime)) / 864e5);
    if (days < 0 || days > 60) continue;
    time.title = time.textContent;
    find("[data-ln-on]", time.parentElement)?.remove();
    time.textContent = words.format(-days, "day");
  }
}
