import { describe, expect, it } from "vitest";

import type { Bar } from "../../../src/api/bars";
import { changeOf } from "../../../src/pages/symbol/day";

const HOUR = 3_600_000;
const hours = (count: number): Bar[] =>
  Array.from({ length: count }, (_, n) => ({
    open_time: n * HOUR,
    open: 100 + n,
    high: 200,
    low: 50,
    close: 101 + n,
    volume: 1,
  }));

describe("the change of a day", () => {
  it("is from the open of its first hour to the last price", () => {
    expect(changeOf(hours(24), 110)).toEqual({
      percent: 10.000000000000009,
      since: 0,
      whole: true,
    });
    expect(changeOf(hours(3), null)).toMatchObject({ whole: false, percent: 3.0000000000000027 });
  });

  it("is not known without bars", () => expect(changeOf([], 100)).toBeNull());
});
