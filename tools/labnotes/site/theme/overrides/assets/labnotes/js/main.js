/* Conveniences. Every page is complete without them. */
import { cards } from "./cards.js";
import { codeSwitch } from "./code_switch.js";
import { copyButtons } from "./copy.js";
import { relativeDates } from "./dates.js";
import { openTarget } from "./details.js";
import { filter } from "./filter.js";
import { interactiveFigures } from "./interactive.js";
import { readouts } from "./readout.js";
import { search } from "./search.js";
import { scrollableTables, sortableTables } from "./tables.js";

relativeDates();
cards();
copyButtons();
codeSwitch();
filter();
search();
openTarget();
addEventListener("hashchange", openTarget);
addEventListener("load", scrollableTables);
addEventListener("resize", scrollableTables);
readouts();
interactiveFigures();
sortableTables();
