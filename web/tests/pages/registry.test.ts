import { describe, expect, it } from "vitest";

import routes from "../../../infra/parts/site/routes.json";

import { isPage, LISTED, pageAt, PAGES } from "../../src/pages/registry";
import { t } from "../../src/text/catalogue";

const distinct = (values: readonly string[]) => new Set(values).size === values.length;

describe("the registry", () => {
  it("has each path, title and key once", () => {
    expect(distinct(PAGES.flatMap(({ path, aliases = [] }) => [path, ...aliases]))).toBe(true);
    expect(distinct(PAGES.map(({ title }) => title))).toBe(true);
    expect(distinct(LISTED.map(({ key }) => key))).toBe(true);
  });

  it("has the pages of the table by which servers answer a path", () => {
    const paths = PAGES.flatMap(({ path, aliases = [] }) => [path, ...aliases]);
    expect(paths.filter((path) => path !== "").sort()).toEqual([...routes.pages].sort());
    expect(["", ...routes.pages].filter((path) => !isPage(path))).toEqual([]);
    expect([...routes.files, ...routes.folders].filter(isPage)).toEqual([]);
  });

  it("leaves the keys of the frame and the signals page free", () => {
    const taken = new Set(["/", "j", "k", "u", "t", "?"]);
    expect(LISTED.filter(({ key }) => taken.has(key) || key.length !== 1)).toEqual([]);
  });

  it.each([
    ["", "Overview"],
    ["signals", "Signals"],
    ["performance", "Performance"],
    ["strategies", "Strategies"],
    ["system", "System"],
    ["dashboard", "System"],
    ["chat", "Chat"],
    ["reports", "Reports"],
    ["how-it-works", "How a signal works"],
    ["glossary", "Glossary"],
    ["zzz", "Overview"],
  ])("the path %j opens %s", (path, title) => expect(t(pageAt(path).title)).toBe(title));
});
