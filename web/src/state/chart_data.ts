/** The loaded part of a chart: its newest bars, kept up to date, and older ones on demand. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { LENGTH_MS, type Interval } from "../api/bars";
import { fetchChart, follows, together, type Chart, type Overlay } from "../api/chart";
import { maybeStarting, STARTING_RETRY_MS, type Client } from "../api/client";

export interface Wanted {
  readonly symbol: string;
  readonly interval: Interval;
  readonly overlays: readonly (Overlay | "scores")[];
  /** Bars that are loaded at first, and with each older page. */
  readonly page: number;
}

export interface Charted {
  /** Null before the first answer. That of other overlays stays until theirs are there. */
  readonly chart: Chart | null;
  readonly error: string | null;
  readonly starting: boolean;
  readonly loadingOlder: boolean;
  /** Load the page before the oldest bars, if there is one and none is loading. */
  older(): void;
}

interface State {
  readonly key: string;
  readonly chart: Chart | null;
  readonly error: string | null;
  readonly starting: boolean;
}

const MOST = 500;
/** Bars that are asked for again with newer ones: the last may have been read too soon. */
const AGAIN = 3;
/** More bars than this are not held. */
export const MOST_HELD = 5_000;

export function useChart(client: Client, wanted: Wanted, now: number): Charted {
  const { symbol, interval, overlays, page } = wanted;
  const key = `${symbol} ${interval} ${overlays.join(",")}`;
  const [state, setState] = useState<State>(() => empty(key));
  const [loadingOlder, setLoadingOlder] = useState(false);
  const [turn, setTurn] = useState(0);
  const held = useRef(state);
  held.current = state;
  const time = Math.floor(now / 60_000); // once a minute of the market, at most

  const refreshing = useRef(false);

  useEffect(() => {
    const cancel = new AbortController();
    const before = held.current;
    const limit = Math.min(MOST, Math.max(page, sizeOf(before, wanted)));
    if (!isOf(before.chart, wanted)) setState(empty(key));
    refreshing.current = true; // the first answer is the newest, too
    fetchChart(client, { symbol, interval, overlays, limit }, cancel.signal)
      .then((chart) => {
        if (!cancel.signal.aborted) setState({ key, chart, error: null, starting: false });
      })
      .catch((failure: unknown) => {
        if (!cancel.signal.aborted) setState((was) => failed(was, key, failure));
      })
      .finally(() => {
        if (!cancel.signal.aborted) refreshing.current = false;
      });
    return () => cancel.abort();
  }, [client, key, turn]);

  // A replay's minutes may pass faster than answers come: one request at a time, none is given up.
  useEffect(() => {
    const { chart, key: of } = held.current;
    if (refreshing.current || chart === null || of !== key) return;
    refreshing.current = true;
    const limit = Math.min(MOST, missing(chart, now));
    fetchChart(client, { symbol, interval, overlays, limit }, new AbortController().signal)
      .then((newer) => setState((was) => appended(was, key, newer)))
      .catch((failure: unknown) =>
        setState((was) => (was.key === key ? failed(was, key, failure) : was)),
      )
      .finally(() => {
        refreshing.current = false;
      });
  }, [client, key, time]);

  useEffect(() => {
    if (!state.starting) return;
    const retry = setTimeout(() => setTurn((before) => before + 1), STARTING_RETRY_MS);
    return () => clearTimeout(retry);
  }, [state.starting, turn]);

  const busy = useRef(false);
  const older = useCallback(() => {
    const { chart, key: of } = held.current;
    if (chart === null || chart.cursor === null || of !== key || busy.current) return;
    if (chart.bars.length >= MOST_HELD) return;
    busy.current = true;
    setLoadingOlder(true);
    fetchChart(
      client,
      { symbol, interval, overlays, limit: page, cursor: chart.cursor },
      new AbortController().signal,
    )
      .then((page) => setState((was) => prepended(was, key, page)))
      .catch((failure: unknown) =>
        setState((was) => (was.key === key ? failed(was, key, failure) : was)),
      )
      .finally(() => {
        busy.current = false;
        setLoadingOlder(false);
      });
  }, [client, key]);

  const shown = isOf(state.chart, wanted) ? state.chart : null;
  return { chart: shown, error: state.error, starting: state.starting, loadingOlder, older };
}

function empty(key: string): State {
  return { key, chart: null, error: null, starting: false };
}

function isOf(chart: Chart | null, { symbol, interval }: Wanted): boolean {
  return chart !== null && chart.symbol === symbol && chart.interval === interval;
}

/** How many bars are held of the same chart with other overlays: so many are loaded again. */
function sizeOf({ chart }: State, wanted: Wanted): number {
  return isOf(chart, wanted) ? (chart?.bars.length ?? 0) : 0;
}

/** The bars that a chart lacks, and a few more. */
export function missing(chart: Chart | null, now: number): number {
  const last = chart?.bars.at(-1);
  if (chart === null || last === undefined) return MOST;
  const count = Math.floor((now - last.open_time) / LENGTH_MS[chart.interval]);
  return Math.max(1, count) + AGAIN;
}

/** Newer bars behind what is loaded of the same chart, or in its place where some are missing. */
function appended(was: State, key: string, newer: Chart): State {
  if (was.key !== key || was.chart === null) return was;
  const chart = follows(was.chart, newer) ? together(was.chart, newer) : newer;
  return { key, chart, error: null, starting: false };
}

/** An older page before what is loaded of the same chart. */
function prepended(was: State, key: string, page: Chart): State {
  if (was.key !== key || was.chart === null) return was;
  return { ...was, chart: together(page, was.chart) };
}

function failed(was: State, key: string, failure: unknown): State {
  const { chart } = was;
  const same = chart !== null && key.startsWith(`${chart.symbol} ${chart.interval} `);
  const first = !same && (was.key !== key || was.error === null);
  const starting = first && !was.starting && maybeStarting(failure);
  const error = starting ? null : (failure as Error).message;
  return { key, chart: same ? chart : null, starting, error };
}
