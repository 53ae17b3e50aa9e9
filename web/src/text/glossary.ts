/** The trading words of docs/glossary.md, in the page's language: loaded when the first is shown. */

import { language } from "./catalogue";

export interface Term {
  /** In addresses: `win-rate`. */
  readonly anchor: string;
  readonly word: string;
  /** Plain text, with code between backticks. */
  readonly meaning: string;
}

const HEADING = "## Trading words";

/** The terms in alphabetical order of their words in the page's language. */
export async function glossary(): Promise<readonly Term[]> {
  if (language() === "en") {
    const source = await import("../../../docs/glossary.md?raw");
    return readGlossary(source.default);
  }
  const { terms } = await import("./es/terms_of_trading");
  return Object.entries(terms)
    .map(([anchor, term]) => ({ anchor, ...term }))
    .sort((a, b) => a.word.localeCompare(b.word, language()));
}

/** The terms of the table of trading words. */
export function readGlossary(markdown: string): readonly Term[] {
  const section = markdown.split(`${HEADING}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| word /.test(line));
  return rows.flatMap((row) => {
    const [, word = "", meaning = ""] = row.split("|").map((cell) => cell.trim());
    return word === "" ? [] : [{ anchor: anchorOf(word), word, meaning: withoutLinks(meaning) }];
  });
}

/** `TP, SL` is at `tp`, `win rate` at `win-rate`. */
function anchorOf(word: string): string {
  const [first = ""] = word.split(", ");
  return first.toLowerCase().replaceAll(" ", "-");
}

function withoutLinks(text: string): string {
  return text.replace(/ \(\[[^\]]*\]\([^)]*\)\)/g, "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
}
