/** The languages of the page. */

export const LANGUAGES = ["en", "es"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each in its own words. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", es: "Español" };

/** The name of a language in its own words; its tag where the page does not have it. */
export function languageName(tag: string): string {
  return LANGUAGES.filter((one) => one === tag).map((one) => LANGUAGE_NAMES[one])[0] ?? tag;
}

/** The first language that the page has, of those that a browser prefers: `es-MX` is `es`. */
export function preferred(tags: readonly string[]): Language {
  const bases = tags.map((tag) => tag.toLowerCase().split("-")[0]);
  return bases.flatMap((base) => LANGUAGES.filter((one) => one === base))[0] ?? "en";
}
