import { all, find } from "./dom.js";

/* "Re-executed on 18 Nov 2026" becomes "Re-executed 3 days ago"; the date stays as a tooltip, and comes back on paper. */
export function relativeDates() {
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" }),
    paper = matchMedia("print"),
    dates = [];
  for (const time of all("time[data-ln-ago]")) {
    const days = Math.floor((Date.now() - Date.parse(time.dateTime)) / 864e5),
      word = find("[data-ln-undated]", time.parentElement);
    if (days < 0 || days > 60) continue;
    dates.push({ time, word, shown: time.textContent, said: word?.textContent, ago: words.format(-days, "day") });
    time.title = time.textContent;
  }
  const show = () => {
    for (const { time, word, shown, said, ago } of dates) {
      time.textContent = paper.matches ? shown : ago;
      if (word) word.textContent = paper.matches ? said : word.dataset.lnUndated;
    }
  };
  paper.addEventListener("change", show);
  show();
}
