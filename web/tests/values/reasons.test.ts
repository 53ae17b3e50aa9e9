import { afterEach, describe, expect, it } from "vitest";

import { setLanguage } from "../../src/text/catalogue";
import { reason } from "../../src/values/reasons";

afterEach(() => setLanguage("en"));

describe("a reason of the API", () => {
  it("is as it came in English", () =>
    expect(reason("long scores 55%, 65% needed")).toBe("long scores 55%, 65% needed"));

  it.each([
    ["long scores 55.5%, 65% needed", "largo puntúa 55,5\u00a0% y hace falta 65\u00a0%"],
    ["cooling down for another 1 h 5 min", "en enfriamiento 1 h 5 min más"],
    ["no event backs a direction", "ningún evento respalda una dirección"],
    ["warming up: 4h, 1d", "calentando: 4h, 1d"],
    ["the bar came 1.2 s late", "la vela llegó 1,2 s tarde"],
    [
      "3 stop-losses within 2 h: paused for another 55 min; open signals: 4, allowed: 4",
      "3 stops en 2 h: en pausa 55 min más; señales abiertas: 4, permitidas: 4",
    ],
    ["silent: kline", "en silencio: kline"],
    ["no bar computed yet", "aún no se ha procesado ninguna vela"],
    ["never seen", "nunca visto"],
    ["leverage: 12 at most, or liquidation may come before the stop", /^apalancamiento: 12 /],
    ["an operator's own words", "an operator's own words"],
  ])("%j is %s in Spanish", async (english, spanish) => {
    await setLanguage("es");
    expect(reason(english)).toEqual(
      typeof spanish === "string" ? spanish : expect.stringMatching(spanish),
    );
  });
});
