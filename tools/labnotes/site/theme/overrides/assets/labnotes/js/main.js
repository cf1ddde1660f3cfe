/* Conveniences. Every page is complete without them. */
import { cards } from "./cards.js";
import { codeSwitch } from "./code_switch.js";
import { copyButtons } from "./copy.js";
import { relativeDates } from "./dates.js";
import { openTarget } from "./details.js";
import { findClaims } from "./find_claims.js";
import { interactiveFigures } from "./interactive.js";
import { parts } from "./parts.js";
import { readouts } from "./readout.js";
import { search } from "./search.js";
import { copiedTables, foldedTables, scrollableTables, sortableTables } from "./tables.js";

relativeDates();
cards();
copyButtons();
codeSwitch();
parts();
findClaims();
search();
openTarget();
addEventListener("hashchange", openTarget);
addEventListener("load", scrollableTables);
addEventListener("resize", scrollableTables);
readouts();
interactiveFigures();
sortableTables();
foldedTables();
copiedTables();
