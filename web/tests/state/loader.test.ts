import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { ApiError } from "../../src/api/client";
import { NO_FILTER } from "../../src/state/listing";
import { Loader } from "../../src/state/loader";
import type { Action } from "../../src/state/store";
import { FakeClient } from "../fakes";
import { wire } from "../samples";

const PAGE = { signals: [wire()], cursor: "next" };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function loader(...bodies: unknown[]) {
  const client = new FakeClient(bodies);
  const actions: Action[] = [];
  return { client, actions, loader: new Loader(client, (action) => actions.push(action)) };
}

const types = (actions: readonly Action[]) => actions.map(({ type }) => type);

it("loads the newest page with the filter as the query", async () => {
  const { client, actions, loader: one } = loader(PAGE);
  await one.load({ ...NO_FILTER, tab: "open", symbol: "BTCUSDT" }, 7, 50);
  expect(client.requests).toEqual(["/signals?limit=50&from=7&symbol=BTCUSDT&status=open"]);
  expect(types(actions)).toEqual(["loading", "loaded"]);
});

it("retries a failed load until it succeeds", async () => {
  const { actions, loader: one } = loader(new Error("unreachable"), PAGE);
  await one.load(NO_FILTER, null);
  expect(types(actions)).toEqual(["loading", "load_failed"]);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(types(actions)).toEqual(["loading", "load_failed", "loading", "loaded"]);
});

it("takes the first failure of a server that may be starting for no failure", async () => {
  const unanswered = new ApiError("The server did not answer in time.", null);
  const { actions, loader: one } = loader(unanswered, new ApiError("HTTP 503", 503), PAGE);
  await one.load(NO_FILTER, null);
  expect(types(actions)).toEqual(["loading", "starting"]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(types(actions)).toEqual(["loading", "starting", "loading", "load_failed"]);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(types(actions).slice(4)).toEqual(["loading", "loaded"]);
});

it("reports a refusal, and a failure after an answer, at once", async () => {
  const { actions, loader: one } = loader(new ApiError("no", 400));
  await one.load(NO_FILTER, null);
  expect(types(actions)).toEqual(["loading", "load_failed"]);
  const later = loader(PAGE, new ApiError("HTTP 503", 503));
  await later.loader.load(NO_FILTER, null);
  await later.loader.load(NO_FILTER, null);
  expect(types(later.actions).slice(2)).toEqual(["loading", "load_failed"]);
});

it("older pages continue at the cursor and are not retried", async () => {
  const { client, actions, loader: one } = loader(new Error("unreachable"));
  await one.older(NO_FILTER, null, "next");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(client.requests).toEqual(["/signals?limit=200&cursor=next"]);
  expect(actions.at(-1)).toMatchObject({ type: "load_failed", older: true });
});

it("once stopped, dispatches nothing more", async () => {
  const { actions, loader: one } = loader(new Error("unreachable"), PAGE);
  await one.load(NO_FILTER, null);
  one.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(types(actions)).toEqual(["loading", "load_failed"]);
});
