import { expect, it } from "vitest";

import { fetchPreview, MOST_SIGNALS, type Preview } from "../../src/api/preview";
import { FakeClient, NO_CANCEL } from "../fakes";

function side(closed: number, wins: number, times: readonly number[] = []): object {
  const list = times.map((close_time) => ({ id: `s${close_time}`, close_time, symbol: "BTCUSDT" }));
  return {
    name: "classic",
    closed,
    wins,
    net_pct: wins,
    net_pct_squares: 1,
    r_sum: 2,
    r_count: 1,
    list,
  };
}

function page(symbols: readonly string[], skipped: readonly string[], closed: number): object {
  return {
    start: 1,
    end: 2,
    symbols,
    skipped,
    unknown: [],
    notes: ["hindsight"],
    proposed: side(closed, 1, [closed]),
    current: side(1, 0),
    live: [side(2, 2)],
  };
}

async function read(client: FakeClient, symbols: readonly string[]): Promise<readonly Preview[]> {
  const found: Preview[] = [];
  await fetchPreview(
    client,
    "classic",
    { threshold: 0.4 },
    symbols,
    (one) => found.push(one),
    NO_CANCEL,
  );
  return found;
}

it("pages are added until no symbol is left", async () => {
  const client = new FakeClient([page(["A", "B"], ["C"], 3), page(["C"], [], 4)]);
  const found = await read(client, []);
  expect(found.map(({ symbols, skipped }) => [symbols, skipped])).toEqual([
    [["A", "B"], ["C"]],
    [["A", "B", "C"], []],
  ]);
  const last = found[1];
  expect(last?.proposed).toMatchObject({ closed: 7, wins: 2, net_pct: 2, r_sum: 4, r_count: 2 });
  expect(last?.live[0]).toMatchObject({ closed: 4, wins: 4 });
  expect(last?.proposed.signals.map(({ close_time }) => close_time)).toEqual([4, 3]);
  expect(last?.notes).toEqual(["hindsight"]);
  const asked = '"name":"classic","parameters":{"threshold":0.4}';
  expect(client.requests).toEqual([
    `POST /settings/preview {${asked},"symbols":[]}`,
    `POST /settings/preview {${asked},"symbols":["C"]}`,
  ]);
});

it("symbols are asked for by five, and those that did not fit again", async () => {
  const client = new FakeClient([
    page(["A", "B", "C"], ["D", "E"], 1),
    page(["D", "E", "F"], [], 1),
  ]);
  const found = await read(client, ["A", "B", "C", "D", "E", "F"]);
  expect(client.requests[0]).toContain('"symbols":["A","B","C","D","E"]');
  expect(client.requests[1]).toContain('"symbols":["D","E","F"]');
  expect(found[0]?.skipped).toEqual(["D", "E", "F"]);
});

it("a page that answers nothing ends it", async () => {
  const client = new FakeClient([page([], ["A"], 0)]);
  expect(await read(client, ["A"])).toMatchObject([{ symbols: [], skipped: [] }]);
});

it("of many signals the newest are shown", async () => {
  const many = Array.from({ length: MOST_SIGNALS }, (_, at) => at);
  const body = { ...page(["A"], [], 0), proposed: side(1, 1, many) };
  const found = await read(new FakeClient([body, body]), ["A", "B", "C", "D", "E", "F"]);
  expect(found[1]?.proposed.signals).toHaveLength(MOST_SIGNALS);
  expect(found[1]?.proposed.signals[0]?.close_time).toBe(MOST_SIGNALS - 1);
});
