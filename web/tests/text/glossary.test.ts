import { afterEach, describe, expect, it } from "vitest";

import { setLanguage } from "../../src/text/catalogue";
import { terms } from "../../src/text/es/terms_of_trading";
import { glossary, readGlossary } from "../../src/text/glossary";

afterEach(() => setLanguage("en"));

const sources = import.meta.glob<string>("../../src/**/*.tsx", {
  eager: true,
  import: "default",
  query: "?raw",
});

describe("the glossary", () => {
  it("reads the table of trading words, without links", () => {
    const text =
      "## Trading words\n\n| word | meaning |\n|---|---|\n| TP, SL | two ([x](y)) of `a` |\n";
    expect(readGlossary(`# G\n\n${text}\n## Domain words\n\n| a | b |\n`)).toEqual([
      { anchor: "tp", word: "TP, SL", meaning: "two of `a`" },
    ]);
  });

  it("has each word in Spanish, and no other", async () => {
    const english = await glossary();
    expect(english.length).toBeGreaterThan(60);
    expect(Object.keys(terms).sort()).toEqual(english.map(({ anchor }) => anchor).sort());
  });

  it("is in alphabetical order of its language", async () => {
    await setLanguage("es");
    const words = (await glossary()).map(({ word }) => word);
    expect(words.slice(0, 2)).toEqual(["apalancamiento máximo", "apertura, cierre"]);
    expect(words).toEqual([...words].sort((a, b) => a.localeCompare(b, "es")));
  });

  it("has every word that the page explains", () => {
    const used = Object.values(sources).flatMap((text) =>
      [...text.matchAll(/(?:<Term of|term)="([^"]+)"/g)].map(([, anchor]) => anchor),
    );
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((anchor) => !((anchor ?? "") in terms))).toEqual([]);
  });
});
