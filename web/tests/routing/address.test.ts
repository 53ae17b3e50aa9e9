import { describe, expect, it } from "vitest";

import { below, href, oldAddress, readAddress } from "../../src/routing/address";

describe("the address", () => {
  it.each(["", "/", "./", "index.html"])("%j is the first page", (path) =>
    expect(readAddress(path)).toMatchObject({ page: "", id: null }),
  );

  it("has the page, the item and the query", () => {
    const { page, id, query } = readAddress("signals/a%2Fb?tab=open");
    expect([page, id, query.get("tab")]).toEqual(["signals", "a/b", "open"]);
  });

  it.each(["a1", "a/b?c#d %", "ü"])("the id %s is read back", (id) =>
    expect(readAddress(href("signals", {}, id)).id).toBe(id),
  );

  it("a broken escape is read as it is", () => expect(readAddress("signals/%zz").id).toBe("%zz"));

  it("null values are left out of a link", () => {
    expect(href("chat")).toBe("./chat");
    expect(href("", { a: null, b: "1" })).toBe("./?b=1");
  });

  it("is below the site's own path", () => {
    expect(below("/", "/signals/a")).toBe("signals/a");
    expect(below("/bucket/", "/bucket/signals/a")).toBe("signals/a");
    expect(below("/bucket/", "/elsewhere")).toBe("");
  });

  it.each([
    ["#/", "./"],
    ["#/signals/a?tab=open", "./signals/a?tab=open"],
    ["#top", null],
    ["", null],
  ])("the old link %j leads to %j", (hash, address) => expect(oldAddress(hash)).toBe(address));
});
