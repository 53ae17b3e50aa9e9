import { describe, expect, it } from "vitest";

import { bundled, separate } from "../../src/pages/code";

const Page = () => null;

describe("the code of a page", () => {
  it("is there at once where it comes with the frame", async () => {
    const code = bundled(Page);
    expect(code.component).toBe(Page);
    await code.load();
  });

  it("is loaded once, also for several callers", async () => {
    let loads = 0;
    const code = separate(async () => {
      loads += 1;
      return Page;
    });
    expect(code.component).toBeNull();
    await Promise.all([code.load(), code.load()]);
    await code.load();
    expect([code.component, loads]).toEqual([Page, 1]);
  });

  it("is tried again after a failure", async () => {
    const failures = [new Error("no network")];
    const code = separate(async () => {
      const failure = failures.pop();
      if (failure !== undefined) throw failure;
      return Page;
    });
    await expect(code.load()).rejects.toThrow("no network");
    expect(code.component).toBeNull();
    await code.load();
    expect(code.component).toBe(Page);
  });
});
