/* Which answers come first: all weights are here. */
import { askedWords, formsOf, wordsOf } from "./search_words.js";

/* What a word counts for by where it stands. */
const FIELDS = {
  name: 9, // a claim's own name: who types it means nothing else
  alias: 8, // what an author says the page is also looked for by
  title: 8,
  slug: 6, // a note's own name in its address
  term: 6, // a word that a section explains, in the first column of a table
  heading: 5,
  author: 5,
  tag: 4,
  sentence: 3, // of a claim: long, so that it needs many of the words
  summary: 3,
  pageHeading: 2, // a section's heading, for its page
  words: 1.5, // of the text
  cited: 0.7, // of the titles and authors in a list of references
};

/* Which kinds of pages are preferred where the words say as much of each. */
const KINDS = {
  note: 1.3, // what the site is for
  page: 1.15, // written for readers and authors
  author: 1,
  background: 0.5, // why the platform is as it is
  reference: 0.35, // functions: found by their names, not by the words of research
};

const STEM = 0.9; // another form of the word: "seeds" for "seed"
const BEGINNING = 0.6; // only the beginning of a word, of three letters or more
const UNFINISHED = 0.8; // the same for the last word, which may still be being typed
const PARTS = 0.85; // "fine tuning" for "fine-tuning"
const OTHERS = 0.15; // of what the word counts for in the further places where it stands
const LOOSE = 0.5; // of a short text such as a title, what counts when it says much else, too; the rest as far as it is what was asked
const TOGETHER = 1.4; // words that stand beside each other in the question and in the text
const ENOUGH = 4; // of so many words of the question a sentence says something; one word of a long sentence says little
const MISSING = 2; // the share of the question that is there counts by this power
const SAME = 1.6; // a title, another name or the name of a claim that is the question
const PUT_SO = 1.2; // a short text that holds the question as it was put: "how to cite" in "How to cite a note"
const CLAIM = 0.9; // before its sentence there is its section
const SECTION = 0.95; // and before a section its page, where they say as much
const INSIDE = 0.25; // of what its page counts for, a section counts, too

const SHORT = new Set(["name", "alias", "title", "slug", "term", "heading", "author", "tag", "pageHeading"]);

const MOST_PAGES = 7;
const MOST_OF_PAGE = 3;

/* All that can be found, by word. A unit is a page, a section or a claim. */
export class SearchIndex {
  #units = [];
  #places = new Map(); // by word: the fields it stands in
  #pages = new Map(); // the unit of each page, by address
  #vocabulary = [];
  #forms = new Map();

  /* The pages of the first file. */
  addPages(pages) {
    for (const page of pages) {
      const unit = this.#addUnit({ kind: page.kind, page, address: page.address, weight: (KINDS[page.kind] ?? 1) * (page.boost ?? 1) });
      this.#pages.set(page.address, unit);
      this.#addField(unit, "title", page.title);
      if (page.kind === "note") this.#addField(unit, "slug", page.address.split("/").at(-2));
      for (const alias of page.aliases ?? []) this.#addField(unit, "alias", alias);
      for (const author of page.authors ?? []) this.#addField(unit, "author", author);
      for (const tag of page.tags ?? []) this.#addField(unit, "tag", tag);
      this.#addField(unit, "summary", page.summary ?? "");
      this.#addField(unit, "words", page.words ?? "");
      for (const [anchor, heading] of page.headings ?? []) this.#section(unit, anchor, heading);
    }
    this.#vocabulary = [...this.#forms.keys()];
  }

  /* The sections and claims of the second file, by address of the page. */
  addSections(pages) {
    for (const [address, { parts = [], claims = [] }] of Object.entries(pages)) {
      const page = this.#pages.get(address);
      if (!page) continue;
      for (const [anchor, heading, terms, words] of parts) {
        const unit = anchor ? this.#section(page, anchor, heading) : page;
        for (const term of terms.split("; ").filter(Boolean)) this.#addField(unit, "term", term);
        this.#addField(unit, anchor === "references" ? "cited" : "words", words);
      }
      for (const told of claims) this.#addClaim(page, told.slice(0, -1), told.at(-1));
    }
    this.#vocabulary = [...this.#forms.keys()];
  }

  #section(page, anchor, heading) {
    page.sections ??= new Map();
    let unit = page.sections.get(anchor);
    if (!unit) {
      unit = this.#addUnit({ kind: "section", page: page.page, parent: page, address: `${page.address}#${anchor}`, anchor, heading, weight: page.weight });
      page.sections.set(anchor, unit);
      this.#addField(unit, "heading", heading);
      this.#addField(page, "pageHeading", heading);
    }
    return unit;
  }

  #addClaim(page, names, sentence) {
    const about = { kind: "claim", page: page.page, parent: page, names, sentence, weight: page.weight };
    const unit = this.#addUnit({ ...about, anchor: `claim-${names[0]}`, address: `${page.address}#claim-${names[0]}` });
    for (const name of names) this.#addField(unit, "name", name);
    this.#addField(unit, "sentence", sentence);
  }

  #addUnit(unit) {
    this.#units.push(unit);
    return unit;
  }

  #addField(unit, name, text) {
    const words = wordsOf(text);
    if (!words.length) return;
    const asked = new Set(askedWords(text).map((word) => word.start));
    const field = { unit, name, size: asked.size, plain: words.map((word) => word.plain).join(" "), text };
    (unit.texts ??= []).push(field);
    for (const [at, word] of words.entries()) {
      const place = { field, at, counts: asked.has(word.start) };
      for (const form of new Set([...formsOf(word), word.plain])) {
        const places = this.#places.get(form) ?? [];
        places.push(place);
        this.#places.set(form, places);
        this.#forms.set(form, true);
      }
    }
  }

  /* The forms that a word of the question is found by, each with how good it is. */
  #alike(word, isLast) {
    const alike = new Map();
    const add = (form, quality) => this.#places.has(form) && alike.set(form, Math.max(quality, alike.get(form) ?? 0));
    add(word.plain, 1);
    add(word.stem, STEM);
    if (word.plain.length >= 3 || !/^[a-z0-9]+$/.test(word.plain))
      for (const form of this.#vocabulary)
        if (form.length > word.plain.length && form.startsWith(word.plain)) add(form, isLast ? UNFINISHED : BEGINNING);
    return alike;
  }

  /* Where a word of the question stands: the quality of the best match by field. */
  #matches(word, isLast) {
    const matches = new Map();
    const take = (form, quality) => {
      for (const place of this.#places.get(form) ?? []) addMatch(matches, place, quality);
    };
    for (const [form, quality] of this.#alike(word, isLast)) take(form, quality);
    if (word.parts.length > 1) {
      const places = word.parts.map((part) => new Set((this.#places.get(part) ?? []).map((place) => place.field)));
      for (const field of places[0])
        if (places.every((fields) => fields.has(field)))
          for (const part of word.parts)
            for (const place of this.#places.get(part)) if (place.field === field) addMatch(matches, place, PARTS);
    }
    return matches;
  }

  /* The answers to a question, the best first: groups of a page, each of what counts most on it. */
  answers(query) {
    const asked = askedWords(query);
    if (!asked.length) return [];
    const isOpen = /[\p{L}\p{N}]$/u.test(query);
    const terms = asked.map((word, i) => ({ matches: this.#matches(word, isOpen && i === asked.length - 1) }));
    const total = this.#pages.size + 1;
    for (const term of terms) {
      const pages = new Set([...term.matches].filter(([, match]) => match.quality >= PARTS).map(([field]) => field.unit.page));
      term.rarity = Math.log(1 + total / (1 + pages.size));
    }
    const whole = asked.map((word) => word.plain).join(" "),
      written = wordsOf(query).map((word) => word.plain).join(" ");
    const scores = this.#scores(terms, new Set([whole, written]), written.includes(" ") ? written : null);
    return grouped(scores, terms);
  }

  #scores(terms, questions, phrase) {
    const units = new Map();
    const covered = new Map(); // of a field, the places that any word of the question matches
    for (const { matches } of terms)
      for (const [field, match] of matches) covered.set(field, new Set([...(covered.get(field) ?? []), ...match.counted]));
    terms.forEach(({ matches, rarity }, i) => {
      for (const [field, match] of matches) {
        const share = SHORT.has(field.name) ? LOOSE + (1 - LOOSE) * Math.min(1, covered.get(field).size / Math.max(1, field.size)) : 1;
        const isTogether = areTogether(terms[i - 1]?.matches.get(field), match) || areTogether(match, terms[i + 1]?.matches.get(field));
        const shared = field.name === "sentence" ? Math.min(1, terms.filter((term) => term.matches.has(field)).length / ENOUGH) : 1;
        const worth = rarity * FIELDS[field.name] * match.quality * share * shared * (isTogether ? TOGETHER : 1);
        const unit = units.get(field.unit) ?? { worths: terms.map(() => []), isSame: false, isPutSo: false };
        unit.worths[i].push(worth);
        unit.isSame ||= ["title", "alias", "name", "author"].includes(field.name) && questions.has(field.plain);
        unit.isPutSo ||= phrase !== null && SHORT.has(field.name) && ` ${field.plain} `.includes(` ${phrase} `);
        units.set(field.unit, unit);
      }
    });
    const all = terms.reduce((sum, term) => sum + term.rarity, 0);
    const own = (worths) => {
      let sum = 0,
        there = 0;
      worths.forEach((list, i) => {
        if (!list.length) return;
        const best = Math.max(...list);
        sum += best + OTHERS * Math.min(best, list.reduce((a, b) => a + b, 0) - best);
        there += terms[i].rarity;
      });
      return sum * (there / all) ** MISSING;
    };
    const scores = new Map();
    for (const [unit, { worths, isSame, isPutSo }] of units)
      scores.set(unit, own(worths) * unit.weight * (isSame ? SAME : isPutSo ? PUT_SO : 1));
    for (const [unit, score] of scores) {
      if (!unit.parent) continue;
      const more = INSIDE * (scores.get(unit.parent) ?? 0);
      scores.set(unit, unit.kind === "claim" ? score * CLAIM : score * SECTION + Math.min(more, score));
    }
    return scores;
  }
}

function addMatch(matches, { field, at, counts }, quality) {
  const match = matches.get(field) ?? { quality: 0, at: new Set(), counted: new Set() };
  match.quality = Math.max(match.quality, quality);
  match.at.add(at);
  if (counts) match.counted.add(at);
  matches.set(field, match);
}

/* Whether two words of the question that follow each other do so in a field, too, with at most one word between them. */
function areTogether(first, second) {
  if (!first || !second) return false;
  return [...first.at].some((at) => second.at.has(at + 1) || second.at.has(at + 2));
}

/* The best units, by page. What counts much less than the best of its page is left out, and so are pages that count much less than the best. */
function grouped(scores, terms) {
  const groups = new Map();
  for (const [unit, score] of scores) {
    const group = groups.get(unit.page.address) ?? { page: unit.page, score: 0, hits: [] };
    group.hits.push({ unit, score });
    group.score = Math.max(group.score, score);
    groups.set(unit.page.address, group);
  }
  const best = [...groups.values()].sort((a, b) => b.score - a.score).slice(0, MOST_PAGES);
  const least = (best[0]?.score ?? 0) * 0.08;
  return best
    .filter((group) => group.score >= least)
    .map((group) => {
      const hits = group.hits.sort((a, b) => b.score - a.score);
      return { page: group.page, hits: hits.filter(({ score }) => score >= group.score * 0.35).slice(0, MOST_OF_PAGE) };
    });
}

/* The parts of a text that a question asks for, as pairs of places. */
export function markedParts(text, query) {
  const asked = askedWords(query);
  const isAsked = (word) =>
    asked.some(
      (wanted) =>
        formsOf(word).some((form) => formsOf(wanted).includes(form)) || (wanted.plain.length >= 3 && word.plain.startsWith(wanted.plain)),
    );
  return wordsOf(text).filter(isAsked).map((word) => [word.start, word.end]);
}
