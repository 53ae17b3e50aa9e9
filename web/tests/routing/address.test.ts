import { describe, expect, it } from "vitest";

import { href, readAddress } from "../../src/routing/address";

describe("the address", () => {
  it.each(["", "#", "#/"])("%j is the first page", (hash) =>
    expect(readAddress(hash)).toMatchObject({ page: "", id: null }),
  );

  it("has the page, the item and the query", () => {
    const { page, id, query } = readAddress("#/signals/a%2Fb?tab=open");
    expect([page, id, query.get("tab")]).toEqual(["signals", "a/b", "open"]);
  });

  it.each(["a1", "a/b?c#d %", "ü"])("the id %s is read back", (id) =>
    expect(readAddress(href("signals", {}, id)).id).toBe(id),
  );

  it("a broken escape is read as it is", () => expect(readAddress("#/signals/%zz").id).toBe("%zz"));

  it("null values are left out of a link", () => {
    expect(href("chat")).toBe("#/chat");
    expect(href("", { a: null, b: "1" })).toBe("#/?b=1");
  });
});
