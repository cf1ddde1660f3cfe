/* The words of a text as the search compares them: without case, accents and endings; signs of scripts without spaces in pairs. */

/* Thai, Lao, Burmese, Khmer, kana, Chinese signs; stage/searched_words.py has the same. */
const UNSPACED = "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{2fa1f}";
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}_'’-]*(?:(?<=\d)[.,]\d+)*/gu;
const SCRIPTS = new RegExp(`[${UNSPACED}]+|[^${UNSPACED}]+`, "gu");
const IS_UNSPACED = new RegExp(`^[${UNSPACED}]`, "u");

/* Signs over and under letters: of Latin, Greek, Cyrillic, Hebrew and Arabic. Those of Thai and Indian scripts are vowels and stay. */
const ACCENTS = /[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]/g;
const LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i", ـ: "" };

/* "Ångström" and "angstrom" are one word. */
export const folded = (text) =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(ACCENTS, "")
    .replace(/[ßæœøłđðþıـ]/g, (letter) => LETTERS[letter])
    .normalize("NFC");

/* Endings that are left out, the first that fits, where at least three letters stay: "calibrated", "calibration" and "calibrates" are "calibr".
   They are English; a word of another language keeps its own, and is still matched by its beginning. */
const ENDINGS = [
  [/(?:is|iz)(?:ations?|ing|ed|es|e|ers?)$/, ""],
  [/(?:ations?|ating|ated|ates?|ators?)$/, ""],
  [/(?:ibility|ability|ibilities|abilities|ible|able)$/, ""],
  [/(?:nesses|ness|ments?|ly)$/, ""],
  [/(?:ions?|ives?|ings?|ers?|ors?|ed|es|e|s)$/, ""],
];

export function stemmed(word) {
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word;
  let stem = word.replace(/(?<=[^aeiou])ies$/, "y").replace(/sses$/, "ss");
  if (/(?:ss|us|is)$/.test(stem)) return stem;
  for (const [ending, put] of ENDINGS) {
    const bare = stem.replace(ending, put);
    if (bare !== stem && bare.length >= 3 && /[aeiouy]/.test(bare)) {
      stem = bare;
      break;
    }
  }
  return stem.replace(/([bdgmnprt])\1$/, "$1").replace(/y$/, "i");
}

/* The words of a text, each with its place in it. `forms` are what it is found by: "fine-tuning" by itself, by "finetuning" and by its parts. */
export function wordsOf(text) {
  const words = [];
  for (const { 0: run, index } of text.matchAll(WORD)) {
    if (/^[\x00-\x7f]*$/.test(run)) words.push(wordOf(run, index));
    else
      for (const { 0: part, index: start } of run.matchAll(SCRIPTS))
        if (IS_UNSPACED.test(part)) words.push(...pairsOf(part, index + start));
        else words.push(wordOf(part, index + start));
  }
  return words.filter((word) => word.plain);
}

const known = new Map(); // most words of a site stand there often

function wordOf(run, start) {
  const written = run.replace(/[-_'’]+$/, "");
  let word = known.get(written);
  if (!word) known.set(written, (word = comparedWord(written)));
  return { ...word, start, end: start + written.length };
}

function comparedWord(written) {
  const plain = folded(written).replace(/['’]s$/, "");
  const parts = plain.split(/[-_'’]/).filter(Boolean),
    joined = parts.join("");
  return { plain: joined, stem: stemmed(joined), parts: parts.length > 1 ? parts.map(stemmed) : [] };
}

function pairsOf(run, start) {
  const signs = [...run],
    pairs = [];
  let at = start;
  signs.forEach((sign, i) => {
    const plain = folded(sign + (signs[i + 1] ?? ""));
    const size = sign.length + (signs[i + 1]?.length ?? 0);
    const parts = i + 2 === signs.length ? [folded(signs[i + 1])] : []; // the last sign begins no pair
    if (i + 1 < signs.length || signs.length === 1) pairs.push({ start: at, end: at + size, plain, stem: plain, parts });
    at += sign.length;
  });
  return pairs;
}

export const formsOf = (word) => [word.stem, ...word.parts];

/* Words that say how a question is put and not what about. */
const FRAME = new Set(
  folded(
    "a an and are as at be been by can do does did for from has have how i if in is it its me my no not of on one or our so than that the their them then there these they this to was we were what when where which who why will with without you your",
  ).split(" "),
);

/* What a question asks for. A question of such words alone means them. */
export function askedWords(query) {
  const asked = wordsOf(query.replace(/^\s*what (?:does|do) (.+) mean\s*\??\s*$/i, "$1"));
  const telling = asked.filter((word) => !FRAME.has(word.plain));
  return telling.length ? telling : asked;
}
