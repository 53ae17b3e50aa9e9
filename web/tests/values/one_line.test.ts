import { expect, test } from "vitest";

import { oneLine } from "../../src/values/one_line";

test.each([
  ["a\u0000b\u001b[31m\n", "ab[31m"],
  ["safe\u202egnp.\u2066x\u2069", "safegnp.x"],
  ["\u200b \u2028", ""],
  ["\ud800x", "x"],
  ["👩\u200d💻 señal", "👩\u200d💻 señal"],
])("%j in one line is %j", (text, line) => expect(oneLine(text)).toBe(line));
