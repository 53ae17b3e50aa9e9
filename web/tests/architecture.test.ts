/** The modules of the page: no cycle, no import of a higher floor, and a test for each. */

import { describe, expect, it } from "vitest";

/** Every module by its path below src, and its text. */
const sources = new Map(
  Object.entries(
    import.meta.glob<string>("../src/**/*.{ts,tsx}", {
      eager: true,
      import: "default",
      query: "?raw",
    }),
  ).map(([path, text]) => [path.replace("../src/", ""), text]),
);
const tests = Object.keys(import.meta.glob("./**/*.test.ts")).map((path) => path.slice(2));
const browserTests = Object.keys(import.meta.glob("../../tests/browser/*.py")).map(
  (path) => path.split("/").at(-1) ?? "",
);

/** From the lowest floor to the highest; a module imports its own floor and lower ones. */
const FLOORS = [
  "text",
  "values",
  "browser",
  "api",
  "feed",
  "state",
  "routing",
  "charts",
  "components",
  "pages",
  "frame",
  "app.tsx",
  "main.tsx",
];

/** The largest number of modules in a folder. */
const CROWDED = 24;

/** Modules without a test of their own, with the browser test that runs them in Chromium. */
const IN_BROWSER: Readonly<Record<string, string>> = {
  "browser/clipboard.ts": "test_acting.py",
  "browser/clock.ts": "test_live.py",
  "browser/files.ts": "test_acting.py",
  "browser/install.ts": "test_app.py",
  "browser/keys.ts": "test_signals.py",
  "browser/memo.ts": "test_live.py",
  "browser/width.ts": "test_performance.py",
  "charts/candles.ts": "test_detail.py",
  "charts/palette.ts": "test_detail.py",
  "frame/prefetch.ts": "test_app.py",
  "pages/signals/row_window.ts": "test_long_table.py",
  "state/live.ts": "test_live.py",
  "state/preferences.ts": "test_frame.py",
  "state/resource.ts": "test_overview.py",
};

const modules = [...sources.keys()].filter((path) => !path.startsWith("worker/"));
const IMPORT = /(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;
const graph = new Map(modules.map((path) => [path, imports(path)]));

function folderOf(path: string): string {
  return path.split("/").slice(0, -1).join("/");
}

/** The modules of ours that one imports, types included. */
function imports(path: string): string[] {
  return [...(sources.get(path) ?? "").matchAll(IMPORT)].flatMap(([, name = ""]) => {
    const base = new URL(name, `file:///${path}`).pathname.slice(1);
    const found = [base, `${base}.ts`, `${base}.tsx`].find((one) => modules.includes(one));
    if (found === undefined && !/\.css$|\?(?:raw|url)$/.test(name))
      throw new Error(`${path}: ${name}`);
    return found ?? [];
  });
}

/** The modules that can reach themselves. */
function cyclic(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const reaches = (start: string): boolean => {
    const seen = new Set<string>();
    const open = [...(edges.get(start) ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === start) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...(edges.get(next) ?? []));
    }
    return false;
  };
  return [...edges.keys()].filter(reaches);
}

function floorOf(path: string): number {
  return FLOORS.indexOf(path.split("/")[0] ?? "");
}

/** The folder of a page, or null outside of pages. */
function pageOf(path: string): string | null {
  const [room, page, inside] = path.split("/");
  return room === "pages" && inside !== undefined ? (page ?? null) : null;
}

describe("the modules", () => {
  it("a cycle would be found", () =>
    expect(
      cyclic(
        new Map([
          ["a", ["b"]],
          ["b", ["c"]],
          ["c", ["b"]],
        ]),
      ),
    ).toEqual(["b", "c"]));

  it("import each other in no cycle", () => expect(cyclic(graph)).toEqual([]));

  it("are each on a floor, and import no higher one", () => {
    expect(modules.filter((path) => floorOf(path) === -1)).toEqual([]);
    const upward = [...graph].flatMap(([path, others]) =>
      others.filter((other) => floorOf(other) > floorOf(path)).map((other) => [path, other]),
    );
    expect(upward).toEqual([]);
  });

  it("of a page are imported by no other page", () => {
    const across = [...graph].flatMap(([path, others]) =>
      others
        .filter((other) => pageOf(path) !== null && pageOf(other) !== null)
        .filter((other) => pageOf(other) !== pageOf(path))
        .map((other) => [path, other]),
    );
    expect(across).toEqual([]);
  });

  it("crowd no folder", () => {
    const sizes = new Map<string, number>();
    for (const path of modules) sizes.set(folderOf(path), (sizes.get(folderOf(path)) ?? 0) + 1);
    expect([...sizes].filter(([, size]) => size > CROWDED)).toEqual([]);
  });
});

describe("the tests", () => {
  const hasCode = (path: string) =>
    /^(?:export )?(?:async )?(?:function|class) /m.test(sources.get(path) ?? "");
  const testOf = (path: string) => path.replace(/\.ts$/, ".test.ts");

  it("mirror the modules with logic", () => {
    const logic = modules.filter((path) => path.endsWith(".ts") && hasCode(path));
    const missing = logic.filter((path) => !(path in IN_BROWSER) && !tests.includes(testOf(path)));
    expect(missing).toEqual([]);
  });

  it("each exception is a module without a test, and its browser test exists", () => {
    for (const [path, test] of Object.entries(IN_BROWSER)) {
      expect(modules).toContain(path);
      expect(tests).not.toContain(testOf(path));
      expect(browserTests).toContain(test);
    }
  });

  it("each has its module, and each page its browser test", () => {
    const own = tests.filter((path) => path.includes("/"));
    expect(own.filter((path) => !modules.includes(path.replace(".test.ts", ".ts")))).toEqual([]);
    const pages = new Set(modules.map(pageOf).filter((page) => page !== null));
    expect([...pages].filter((page) => !browserTests.includes(`test_${page}.py`))).toEqual([]);
  });
});
