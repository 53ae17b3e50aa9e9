import { describe, expect, it } from "vitest";

import { soundOf, notification, recentlyOpened } from "../../src/frame/notifications";
import { INITIAL, reduce, type State } from "../../src/state/store";
import { closed, signal } from "../samples";

const NOW = 1_747_665_120_000;

function after(...signals: readonly ReturnType<typeof signal>[]): State {
  const messages = signals.map((item) => {
    const type = item.status === "open" ? ("signal" as const) : ("signal_closed" as const);
    return { type, cursor: null, event_id: null, signal: item };
  });
  return reduce(INITIAL, { type: "received", messages, at: 1 });
}

describe("a notification", () => {
  it("is for signals that opened in the last batch and are recent", () => {
    const old = signal({ id: "old", close_time: NOW - 11 * 60_000 });
    const state = after(signal({ id: "a" }), old, closed({ id: "c" }));
    expect(recentlyOpened(state, NOW).map(({ id }) => id)).toEqual(["a"]);
  });

  it("is not for a signal that closed in the same batch", () =>
    expect(recentlyOpened(after(signal(), closed()), NOW)).toEqual([]));

  it("sounds for what is chosen", () => {
    const off = {
      sound: false,
      closedSound: false,
      soundScore: 0,
      soundStarred: false,
      starredSymbols: [],
    };
    const new_ = after(signal({ score: 0.6 }));
    const ended = after(closed({ score: 0.6, closed_at: NOW / 1_000 }));
    expect(soundOf(new_, off, NOW)).toBeNull();
    expect(soundOf(new_, { ...off, sound: true }, NOW)).toBe("rising");
    expect(soundOf(after(signal({ direction: "short" })), { ...off, sound: true }, NOW)).toBe(
      "falling",
    );
    expect(soundOf(new_, { ...off, sound: true, soundScore: 0.61 }, NOW)).toBeNull();
    const starred = { ...off, sound: true, soundStarred: true };
    expect(soundOf(new_, starred, NOW)).toBeNull();
    expect(soundOf(new_, { ...starred, starredSymbols: ["BTCUSDT"] }, NOW)).toBe("rising");
    expect(soundOf(ended, { ...off, sound: true }, NOW)).toBeNull();
    expect(soundOf(ended, { ...off, closedSound: true }, NOW)).toBe("ended");
    expect(soundOf(ended, { ...off, closedSound: true }, NOW + 11 * 60_000)).toBeNull();
  });

  it("names the newest signal and the size of the batch", () => {
    const [title, body, href] = notification(signal({ tick_size: 0.1 }), 3);
    expect(title).toBe("LONG BTCUSDT and 2 more");
    expect(body).toBe("Score 65.4%, entry 100.0, TP 102.0, SL 99.0");
    expect(href).toBe("./signals/a1");
  });
});
