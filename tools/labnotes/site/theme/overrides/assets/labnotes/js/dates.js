import { all } from "./dom.js";

/* How long ago a date is, as its tooltip: in its place, the words would change the line while somebody reads it, and stand on paper for ever. */
export function relativeDates() {
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const time of all("time[data-ln-ago]")) {
    const days = Math.floor((Date.now() - Date.parse(time.dateTime)) / 864e5);
    if (days >= 0 && days <= 60) time.title = words.format(-days, "day");
  }
}
