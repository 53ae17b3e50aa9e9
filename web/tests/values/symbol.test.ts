import { describe, expect, it } from "vitest";

import { findSymbol, nearest } from "../../src/values/symbol";

interface Vectors {
  readonly known: readonly string[];
  readonly found: readonly (readonly [string, string, readonly string[]])[];
  readonly refused: readonly (readonly [string, string, readonly string[]])[];
}

const [text = "{}"] = Object.values(
  import.meta.glob<string>("../../../tests/core/text/symbol_vectors.json", {
    eager: true,
    import: "default",
    query: "?raw",
  }),
);
const vectors = JSON.parse(text) as Vectors;

describe("a symbol, as Python reads it", () => {
  it.each(vectors.found)("%j names %s", (word, symbol, others) =>
    expect(findSymbol(word, vectors.known)).toEqual({ symbol, others }),
  );

  it.each(vectors.refused)("%j names none", (word, _reason, resembling) => {
    expect(findSymbol(word, vectors.known)).toBeNull();
    expect(nearest(word, vectors.known)).toEqual(resembling);
  });
});
