/** The page's texts in the chosen language: `t("frame.settings")`. English is the source. */

import type { en } from "./en/index";
import { filled, parts, type NamesOf, type Texts } from "./form";
import type { Language } from "./languages";

type Source = typeof en;
type Page = keyof Source;

/** `page.name` of each text. */
export type Key = { [P in Page]: `${P}.${keyof Source[P] & string}` }[Page];

type TextOf<K extends Key> = K extends `${infer P extends Page}.${infer Name}`
  ? Name extends keyof Source[P]
    ? Source[P][Name]
    : never
  : never;

type Values<K extends Key, V> = {
  readonly [Name in NamesOf<TextOf<K>>]: Name extends "n" ? number : V;
};
type Arguments<K extends Key, V> = [NamesOf<TextOf<K>>] extends [never] ? [] : [Values<K, V>];

/** The keys of texts without values. */
export type PlainKey = { [K in Key]: [NamesOf<TextOf<K>>] extends [never] ? K : never }[Key];

type Catalogue = Readonly<Record<Page, Texts>>;

interface Current {
  readonly language: Language;
  readonly catalogue: Partial<Catalogue>;
  readonly plurals: Intl.PluralRules;
  readonly numbers: Intl.NumberFormat;
}

const LOADERS: Readonly<Record<Language, () => Promise<Catalogue>>> = {
  en: async () => (await import("./en/index")).en,
  es: async () => (await import("./es/index")).es,
};

const NO_TEXTS = {};

/** Until the first language is set there are no texts. */
let current = inLanguage("en", NO_TEXTS);

/** The language of the texts, also a locale of `Intl`. */
export function language(): Language {
  return current.language;
}

/** A text with its values; numbers are written as the language writes them. */
export function t<K extends Key>(key: K, ...[values]: Arguments<K, string | number>): string {
  const { plurals, numbers } = current;
  return filled(textOf(key), values ?? {}, plurals, (number) => numbers.format(number));
}

/** The text of a page with a name that is data; null where the page has none. */
export function named(page: Page, name: string): string | null {
  const texts = current.catalogue[page] ?? {};
  const text = Object.hasOwn(texts, name) ? texts[name] : null;
  return typeof text === "string" ? text : null;
}

/** The parts of a text whose values are elements, in the order of the language. */
export function rich<K extends Key, V>(key: K, values: Values<K, V>): (string | NoInfer<V>)[] {
  const written = (part: string | V | number) =>
    typeof part === "number" ? current.numbers.format(part) : part;
  return parts<V | number>(textOf(key), values, current.plurals).map(written);
}

/**
 * Load a language and use it for all texts from then on. Where it cannot be loaded the texts stay
 * as they are; the first ones are then English.
 */
export async function setLanguage(language: Language): Promise<void> {
  current = await loaded(language).catch(() =>
    current.catalogue === NO_TEXTS ? loaded("en") : current,
  );
}

async function loaded(language: Language): Promise<Current> {
  return inLanguage(language, await LOADERS[language]());
}

function inLanguage(language: Language, catalogue: Partial<Catalogue>): Current {
  const [plurals, numbers] = [new Intl.PluralRules(language), new Intl.NumberFormat(language)];
  return { language, catalogue, plurals, numbers };
}

function textOf(key: Key) {
  const [page = "", name = ""] = key.split(".");
  return current.catalogue[page as Page]?.[name] ?? key;
}
