import { expect, it } from "vitest";

import { preferred } from "../../src/text/languages";

it.each([
  [["es-MX", "en"], "es"],
  [["en-GB", "es"], "en"],
  [["de", "ES"], "es"],
  [["de"], "en"],
  [[], "en"],
])("of the languages %j the page takes %s", (tags, language) => {
  expect(preferred(tags)).toBe(language);
});
