import { afterEach, describe, expect, it, vi } from "vitest";

import { language, rich, setLanguage, t } from "../../src/text/catalogue";

afterEach(() => setLanguage("en"));

describe("the catalogue", () => {
  it("is English at first", () => {
    expect([language(), t("system.title")]).toEqual(["en", "System"]);
    expect(t("system.barsMissing", { n: 1 })).toBe("1 bar");
    expect(t("system.barsMissing", { n: 12345 })).toBe("12,345 bars");
  });

  it("writes Spanish, with its plurals and numbers", async () => {
    await setLanguage("es");
    expect([language(), t("system.title")]).toEqual(["es", "Sistema"]);
    expect(t("system.barsMissing", { n: 1 })).toBe("1 vela");
    expect(t("system.barsMissing", { n: 12345 })).toBe("12.345 velas");
    expect(t("system.barsMissing", { n: 1_000_000 })).toBe("1.000.000 velas");
  });

  it("places elements among the words", () => {
    const span = { element: "strong" };
    expect(rich("system.lasting", { span })).toEqual(["for ", span]);
  });

  it("is English where the first language cannot be loaded, and then stays as it is", async () => {
    vi.resetModules();
    vi.doMock("../../src/text/es/index", () => Promise.reject(new Error("no network")));
    const fresh = await import("../../src/text/catalogue");
    await fresh.setLanguage("es");
    expect([fresh.language(), fresh.t("system.title")]).toEqual(["en", "System"]);
    await fresh.setLanguage("es");
    expect(fresh.t("system.title")).toBe("System");
    vi.doUnmock("../../src/text/es/index");
  });
});
