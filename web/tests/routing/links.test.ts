import { describe, expect, it } from "vitest";

import { isPage } from "../../src/pages/registry";
import { isPlain, leadsToPage } from "../../src/routing/links";

const CLICK = {
  button: 0,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  defaultPrevented: false,
};

describe("a link", () => {
  it.each([
    ["/", true],
    ["/signals", true],
    ["/signals/a%2Fb?tab=open", true],
    ["/dashboard", true],
    ["/third_party.txt", false],
    ["/health", false],
    ["https://elsewhere.example/signals", false],
  ])("%s leads to a page: %s", (link, leads) => {
    const site = new URL("https://site.example/");
    expect(leadsToPage(new URL(link, site), site, isPage)).toBe(leads);
  });

  it("leads to a page only below the site's own path", () => {
    const site = new URL("http://localhost:4566/bucket/");
    expect(leadsToPage(new URL("./signals", site), site, isPage)).toBe(true);
    expect(leadsToPage(new URL("/signals", site), site, isPage)).toBe(false);
  });

  it("is the browser's when the click asks for a tab, or is taken", () => {
    expect(isPlain(CLICK)).toBe(true);
    for (const name of ["altKey", "ctrlKey", "metaKey", "shiftKey", "defaultPrevented"])
      expect(isPlain({ ...CLICK, [name]: true })).toBe(false);
    expect(isPlain({ ...CLICK, button: 1 })).toBe(false);
  });
});
