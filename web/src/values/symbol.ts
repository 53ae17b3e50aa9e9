/**
 * Reads symbols as people write them, like `signalengine.text.symbol_reader`: in any case, with
 * signs, in other tools' spellings. Both pass the cases of tests/core/text/symbol_vectors.json.
 */

/** A known symbol, and the known ones that the same text could mean. */
export interface FoundSymbol {
  readonly symbol: string;
  readonly others: readonly string[];
}

interface Spelling {
  readonly base: string;
  /** Null: not written. */
  readonly quote: string | null;
  /** `_251226` of a delivery contract, or empty. */
  readonly delivery: string;
}

/** Quote currencies, the preferred one first. */
const QUOTES = ["USDT", "USDC"] as const;
const NEAREST = 3;
const MAX_CHARS = 60;
const MULTIPLES = ["1000", "1000000", "1M"];
const BEFORE = /^[$#@"'“”‘’«»„`([{<*]+/u;
const AFTER = /[.,;:!?…"'“”‘’«»`)\]}>*。、]+$/u;
const VENUE = /^BINANCE(?:USDM|FUTURES|PERP)?$/;
const PERPETUAL = /(?:\.P|[./_\-\s]*(?:PERP|PERPETUAL)|[./_\-\s]SWAP)$/;
const DELIVERY = /[_-](\d{6})$/;
const BETWEEN = /[/_\-|\\\s]+/;
const EXACT = /^([\p{L}\p{N}]+)(USDT|USDC)(_[0-9]{6})?$/u;
const PART = /^[\p{L}\p{N}]+$/u;

/** The known symbol that a text names, null for none. */
export function findSymbol(text: string, known: readonly string[]): FoundSymbol | null {
  const word = tidied(text);
  if (known.includes(word)) return { symbol: word, others: [] };
  const spelling = spellingOf(word);
  if (spelling === null) return null;
  const { base, quote, delivery } = spelling;
  const quotes = quote === null ? QUOTES : [quote];
  const candidates = [base, ...MULTIPLES.map((multiple) => multiple + base)].map((one) =>
    quotes.map((each) => one + each + delivery).filter((symbol) => known.includes(symbol)),
  );
  const [symbol, ...others] = candidates.find((found) => found.length > 0) ?? [];
  return symbol === undefined ? null : { symbol, others: delivery === "" ? others : [] };
}

/** Up to three known symbols that resemble a text, the most similar first. */
export function nearest(text: string, known: readonly string[]): readonly string[] {
  const word = tidied(text);
  const spelling = spellingOf(word);
  if (spelling === null) return [];
  const base = baseOf(spelling.base);
  const most = Math.max(1, Math.floor([...base].length / 3));
  return known
    .map((symbol) => ({ symbol, distance: distance([...base], [...baseOf(symbol)]) }))
    .filter((one) => one.distance <= most)
    .sort(
      (a, b) =>
        a.distance - b.distance ||
        Number(!a.symbol.endsWith(QUOTES[0])) - Number(!b.symbol.endsWith(QUOTES[0])) ||
        (a.symbol < b.symbol ? -1 : 1),
    )
    .slice(0, NEAREST)
    .map((one) => one.symbol);
}

/** The text in NFKC and upper case, without the signs around it; empty for a long one. */
function tidied(text: string): string {
  if ([...text].length > MAX_CHARS) return "";
  const word = text
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .toUpperCase()
    .trim();
  return word.replace(BEFORE, "").replace(AFTER, "").trim();
}

function spellingOf(word: string): Spelling | null {
  const exact = EXACT.exec(word);
  if (exact !== null) {
    return { base: exact[1] ?? "", quote: exact[2] ?? null, delivery: exact[3] ?? "" };
  }
  const settled = settledOf(word);
  if (settled === null) return null;
  const [whole, currency] = settled;
  const perpetual = whole.replace(PERPETUAL, "") || whole;
  const date = DELIVERY.exec(perpetual)?.[1] ?? null;
  const pair = perpetual.replace(DELIVERY, "");
  const [base, quote] = partsOf(pair) ?? [];
  if (base === undefined || quote === undefined) return null;
  if (quote === "USD" && (currency !== null || pair !== whole)) return null;
  const written = quote === "USD" ? null : quote;
  if (currency !== null && currency !== written) return null;
  return { base, quote: written, delivery: date === null ? "" : `_${date}` };
}

/** A word without the venue of `BINANCE:BTCUSDT`, and the currency of `BTC/USDT:USDT`. */
function settledOf(word: string): readonly [string, string | null] | null {
  const colon = word.indexOf(":");
  if (colon === -1) return [word, null];
  const [left, right] = [word.slice(0, colon), word.slice(colon + 1)];
  if (!left.includes("/")) return VENUE.test(left) ? [right, null] : null;
  const dash = right.indexOf("-");
  return dash === -1 ? [left, right] : [left + right.slice(dash), right.slice(0, dash)];
}

/** The base and the quote of `BTC/USDT`, `BTC_USDT_USDT`, `BTCUSDT`, `BTC`. */
function partsOf(pair: string): readonly [string, string | null] | null {
  const parts = pair.split(BETWEEN).filter((part) => part !== "");
  if (parts.length === 3 && parts[1] === parts[2]) parts.pop();
  const [base = "", quote = null] = parts.length === 1 ? glued(parts[0] ?? "") : parts;
  if (parts.length > 2 || !PART.test(base)) return null;
  return quote === null || quote === "USD" || QUOTES.some((one) => one === quote)
    ? [base, quote]
    : null;
}

/** Splits `BTCUSDT` and `BTCUSD`, but not `FDUSD` and `TUSD`, which are coins. */
function glued(word: string): readonly string[] {
  for (const quote of QUOTES) {
    if (word.endsWith(quote) && word !== quote) return [word.slice(0, -quote.length), quote];
  }
  const base = word.slice(0, -3);
  return word.endsWith("USD") && [...base].length >= 3 ? [base, "USD"] : [word];
}

/** The part of a symbol that people remember: without quote, date and multiple. */
function baseOf(symbol: string): string {
  const base = symbol.replace(/(?<=.)USDT(_\d{6})?$/, "").replace(/(?<=.)USDC(_\d{6})?$/, "");
  return base.replace(/^(1000000|1000|1M)(?=\D)/, "");
}

/** The edit distance of two words; 1 where one begins with the other. */
function distance(a: readonly string[], b: readonly string[]): number {
  const shorter = Math.min(a.length, b.length);
  const begins = a.slice(0, shorter).join("") === b.slice(0, shorter).join("");
  if (begins && (a.length === b.length || shorter >= 2)) return a.length === b.length ? 0 : 1;
  let row = b.map((_, at) => at + 1);
  a.forEach((x, i) => {
    let [left, corner] = [i + 1, i];
    row = row.map((above, j) => {
      left = Math.min(above + 1, left + 1, corner + Number(x !== b[j]));
      corner = above;
      return left;
    });
  });
  return row.at(-1) ?? a.length;
}
