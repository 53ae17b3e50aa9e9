/** Sample signals in the API's format. */

import { readSignal, type Signal } from "../src/values/signal";

export function wire(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: "a1",
    symbol: "BTCUSDT",
    direction: "long",
    status: "open",
    score: 0.6542,
    timestamp: 1_747_665_120,
    close_time: 1_747_665_120_000,
    entry_price: 100,
    tp_price: 102,
    sl_price: 99,
    atr: 1,
    atr_interval: "15m",
    expires_at: 1_747_668_720_000,
    components: { trend: 0.9, oi: null },
    missing: ["oi"],
    events: [{ kind: "ema_cross", interval: "5m", direction: "long", strength: 0.4, details: {} }],
    quality: { gap_s: 0, stream_age_ms: 120 },
    market: "simulated",
    policy_digest: "d1gest",
    code_version: "4.0.0",
    outcome: null,
    closed_at: null,
    return_pct: null,
    ...changes,
  };
}

export function closedWire(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const ending = { status: "tp_hit", outcome: "tp_hit", closed_at: 1_747_666_000, return_pct: 1.9 };
  return wire({ ...ending, ...changes });
}

export function signal(changes: Record<string, unknown> = {}): Signal {
  const read = readSignal(wire(changes));
  if (read === null) throw new Error("the sample is not a signal");
  return read;
}

export function closed(changes: Record<string, unknown> = {}): Signal {
  return signal(closedWire(changes));
}
