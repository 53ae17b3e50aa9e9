/** The form of a text, and the types that hold a translation to its source. */

/** Chosen by the plural of the number `n` in the language; `{n}` is that number. */
export interface Plural {
  readonly one: string;
  readonly other: string;
}

/** `Signals of {symbol}`: values stand for names in braces. */
export type Text = string | Plural;
export type Texts = Readonly<Record<string, Text>>;

type NamesIn<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

/** The names in a text's braces. */
export type NamesOf<T> = T extends string
  ? NamesIn<T>
  : T extends Plural
    ? "n" | NamesIn<T["one"]> | NamesIn<T["other"]>
    : never;

/** What differs in the braces of a translated text; `unknown`, which every text is, if nothing. */
type Difference<Source, T> = [NamesOf<Source>, NamesOf<T>] extends [NamesOf<T>, NamesOf<Source>]
  ? unknown
  : { readonly "the names in braces must be": NamesOf<Source> };

/** The shape of a translation: each text of the source with the same names, and no other text. */
type Translation<Source, T> = {
  readonly [Key in keyof T]: Key extends keyof Source ? Difference<Source[Key], T[Key]> : never;
};

/** The texts of a page in another language; what is missing or superfluous is a type error. */
export function translation<Source>() {
  return <const T extends { readonly [Key in keyof Source]: Text }>(
    texts: T & Translation<Source, T>,
  ): T => texts;
}

/** A text with its values; `n` chooses the plural, and `number` writes numbers. */
export function filled(
  text: Text,
  values: Readonly<Record<string, string | number>>,
  plurals: Intl.PluralRules,
  number: (value: number) => string,
): string {
  return parts(text, values, plurals)
    .map((part) => (typeof part === "number" ? number(part) : part))
    .join("");
}

/** The literal parts of a text and its values, in order. */
export function parts<V>(
  text: Text,
  values: Readonly<Record<string, V>>,
  plurals: Intl.PluralRules,
): (string | V)[] {
  const chosen = typeof text === "string" ? text : text[formOf(values["n"], plurals)];
  return chosen.split(/\{(\w+)\}/).flatMap((part, at) => {
    if (at % 2 === 0) return part === "" ? [] : [part];
    return [values[part] ?? `{${part}}`];
  });
}

/** The forms that the languages have; a further one, such as Spanish's of millions, is `other`. */
function formOf(n: unknown, plurals: Intl.PluralRules): keyof Plural {
  return plurals.select(Number(n)) === "one" ? "one" : "other";
}
