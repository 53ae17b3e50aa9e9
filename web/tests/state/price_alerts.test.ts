import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { addLocalAlert, localAlerts, MOST, removeLocalAlert } from "../../src/state/price_alerts";
import { alertFor, type PriceAlert } from "../../src/values/price_alert";
import { MemoryStorage } from "../fakes";

beforeEach(() => vi.stubGlobal("window", { localStorage: new MemoryStorage() }));
afterEach(() => vi.unstubAllGlobals());

function alert(price: number): PriceAlert {
  return alertFor("BTCUSDT", price, 100, 0.1, 0) as PriceAlert;
}

it("alerts are stored in this browser, each price once", () => {
  expect(addLocalAlert(alert(110))).toBe(true);
  expect(addLocalAlert(alert(110))).toBe(true);
  addLocalAlert(alert(90));
  expect(localAlerts().map(({ price }) => price)).toEqual([110, 90]);
  removeLocalAlert(alert(110).id);
  expect(localAlerts()).toEqual([alert(90)]);
  removeLocalAlert(alert(90).id);
  expect(window.localStorage).toHaveLength(0);
});

it("there are at most twenty", () => {
  const added = Array.from({ length: MOST + 1 }, (_, at) => addLocalAlert(alert(101 + at)));
  expect(added.filter(Boolean)).toHaveLength(MOST);
});

it("what is no alert is left out", () => {
  window.localStorage.setItem("signalengine.price-alerts", '[{"id": "x"}, 5]');
  expect(localAlerts()).toEqual([]);
  window.localStorage.setItem("signalengine.price-alerts", "{");
  expect(localAlerts()).toEqual([]);
});
