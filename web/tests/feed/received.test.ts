import { describe, expect, it } from "vitest";

import { Received } from "../../src/feed/received";

describe("what is missing", () => {
  it("is nothing before the first connection", () => {
    expect(new Received().missing([["a", 9]])).toBeNull();
  });

  it("is what was committed after it and did not arrive, a few times", () => {
    const received = new Received();
    received.expect(100);
    received.expect(500);
    received.add("b", 120);
    const recent = [
      ["a", 100],
      ["b", 120],
      ["c", 140],
      ["d", 130],
    ] as const;
    for (let times = 0; times < 3; times++) expect(received.missing(recent)).toBe(130);
    expect(received.missing(recent)).toBeNull();
  });

  it("is not what arrived after it was requested", () => {
    const received = new Received();
    received.expect(100);
    expect(received.missing([["c", 140]])).toBe(140);
    received.add("c", 140);
    expect(received.missing([["c", 140]])).toBeNull();
  });

  it("is nothing of an empty list", () => {
    const received = new Received();
    received.expect(1);
    expect(received.missing([])).toBeNull();
  });
});
