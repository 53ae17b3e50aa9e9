import { afterEach, describe, expect, it } from "vitest";

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
});
