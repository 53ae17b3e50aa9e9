/** The languages of the page. */

export const LANGUAGES = ["en", "es"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each in its own words. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", es: "Español" };

/** The first language that the page has, of those that a browser prefers: `es-MX` is `es`. */
export function preferred(tags: readonly string[]): Language {
  const bases = tags.map((tag) => tag.toLowerCase().split("-")[0]);
  return bases.flatMap((base) => LANGUAGES.filter((one) => one === base))[0] ?? "en";
}
