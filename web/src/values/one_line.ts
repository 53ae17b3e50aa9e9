/** Foreign text that is shown in one line. Pure. */

/** Control characters, and those that change the direction of what follows; joiners stay. */
const UNSEEN = /(?![\u200c\u200d])[\p{C}\p{Zl}\p{Zp}]/gu;

/** The text without characters that cannot be seen, and without spaces around it. */
export function oneLine(text: string): string {
  return text.replace(UNSEEN, "").trim();
}
