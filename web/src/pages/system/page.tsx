/** The system page: load, latency, queues, streams, gaps and cost. */

import { fetchHealth } from "../../api/health";
import { fetchGaps, fetchSystem, type Gap, type Hop, type System } from "../../api/system";
import { Card, Loaded, Nothing, Tile, Tiles } from "../../components/card";
import { HealthCard } from "../../components/health_card";
import { useResource } from "../../state/resource";
import { bytes, fullTime, known, latency, plain, duration, whole } from "../../values/format";
import type { Zone } from "../../values/format";
import { title, words } from "../../values/names";
import type { Named } from "../../values/signal";
import type { PageProps } from "../props";
import { CostNote } from "./cost_note";

const EVERY_MS = 20_000;

export function SystemPage({ title: heading, live, state, market, preferences }: PageProps) {
  const { client } = live;
  const health = useResource("health", (cancel) => fetchHealth(client, cancel), EVERY_MS);
  const system = useResource("system", (cancel) => fetchSystem(client, cancel), EVERY_MS);
  const gaps = useResource("gaps", (cancel) => fetchGaps(client, cancel), EVERY_MS * 3);
  return (
    <main class="page">
      <h1 class="unseen">{heading}</h1>
      <div class="columns">
        <div class="column">
          <Card title="Now" aside={<span class="muted">from the latest heartbeat</span>}>
            <Now metrics={state.status?.metrics ?? []} of={system.value} />
          </Card>
          <Card title="Delay by step" aside={<span class="muted">median / 95th percentile</span>}>
            <Loaded of={system} rows={4}>
              {({ hops }) => <Hops hops={hops} />}
            </Loaded>
            {market !== null && market !== "live" && (
              <p class="muted note">
                Measured from the commit on: bar close times are on the replayed market's clock, not
                the wall clock.
              </p>
            )}
          </Card>
          <Card title="Queues" aside={<span class="muted">messages waiting, approximate</span>}>
            <Loaded of={system}>{({ queues }) => <Queues queues={queues} />}</Loaded>
          </Card>
          <Card title="Streams" aside={<span class="muted">age of the last message</span>}>
            <Streams streams={state.status?.streams ?? []} />
          </Card>
          <Card title="Gaps">
            <Loaded of={gaps}>{(list) => <Gaps gaps={list} zone={preferences.zone} />}</Loaded>
          </Card>
        </div>
        <div class="column">
          <HealthCard health={health} />
          <Card title="Cost so far" aside={<span class="muted">estimated</span>}>
            <Loaded of={system}>
              {({ cost }) => <CostNote cost={cost} zone={preferences.zone} />}
            </Loaded>
          </Card>
        </div>
      </div>
    </main>
  );
}

function Now({ metrics, of }: { metrics: Named; of: System | null }) {
  const all = new Map([...(of?.feed ?? []), ...metrics]);
  const number = (name: string) => all.get(name) ?? null;
  const tiles: readonly (readonly [string, string, string?])[] = [
    ["CPU", known(number("cpu_percent"), (value) => `${plain(value)}%`), "of the ingest task"],
    ["Memory", known(number("rss_bytes"), bytes), "of the ingest task"],
    ["Open signals", known(number("open_signals"), whole)],
    ["Signals today", known(number("signals_count"), whole)],
    ["Events today", known(number("events_count"), whole)],
    ["Reconnects", known(number("reconnects"), whole), "since the task started"],
    ["Backlog", known(number("backlog"), whole), "records waiting to be sent"],
    ["Viewers", known(of?.websocket_clients ?? null, whole), "WebSocket connections"],
  ];
  return (
    <Tiles of="eight">
      {tiles.map(([name, value, note]) => (
        <Tile key={name} name={name} value={value} {...(note === undefined ? {} : { note })} />
      ))}
    </Tiles>
  );
}

function Hops({ hops }: { hops: readonly Hop[] }) {
  const measured = hops.filter((hop) => hop.n !== 0 && hop.p50_ms !== null);
  if (measured.length === 0) return <Nothing>No signal was sent in the last 24 h.</Nothing>;
  const longest = Math.max(1, ...hops.map((hop) => hop.p95_ms ?? hop.p50_ms ?? 0));
  const width = (ms: number | null) => `${((ms ?? 0) / longest) * 100}%`;
  return (
    <ul class="hops">
      {measured.map((hop) => (
        <li key={hop.name}>
          <span class="name">{title(hop.name)}</span>
          <span class="track" aria-hidden="true">
            <span class="fill soft" style={{ width: width(hop.p95_ms) }} />
            <span class="fill" style={{ width: width(hop.p50_ms) }} />
          </span>
          <span class="value">
            {known(hop.p50_ms, latency)} <span class="muted">/ {known(hop.p95_ms, latency)}</span>
          </span>
          <span class="muted numeric">N = {known(hop.n, whole)}</span>
        </li>
      ))}
    </ul>
  );
}

function Queues({ queues }: { queues: Named }) {
  if (queues.length === 0) return <Nothing>No queue depths available.</Nothing>;
  return (
    <ul class="components">
      {queues.map(([name, depth]) => (
        <li key={name} class={depth !== null && depth > 0 && /dead/.test(name) ? "warn" : ""}>
          <span class="name">{title(name)}</span>
          <span class="state">{known(depth, whole)}</span>
        </li>
      ))}
    </ul>
  );
}

function Gaps({ gaps, zone }: { gaps: readonly Gap[]; zone: Zone }) {
  if (gaps.length === 0) return <Nothing>No gaps today.</Nothing>;
  return (
    <ul class="ledger">
      {gaps.map((gap) => (
        <li key={gap.id}>
          <strong>{gap.symbol ?? "All symbols"}</strong>
          <span>
            {gap.stream}: {words(gap.cause)}
          </span>
          <span class={gap.bars_lost > 0 || gap.outcome === "open" ? "warning" : "muted"}>
            {gap.outcome}
            {gap.bars_missing > 0 && `, ${gap.bars_missing} bars`}
            {gap.bars_lost > 0 && `, ${gap.bars_lost} lost`}
          </span>
          <span class="muted when">
            {fullTime(gap.start, zone)}
            {gap.end !== null && gap.end > gap.start && `, for ${duration(gap.end - gap.start)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Streams with messages at all times; others, such as liquidations, may be silent. */
const CONTINUOUS = /^(kline|mark)/;
const SILENT_MS = 60_000;

function Streams({ streams }: { streams: Named }) {
  if (streams.length === 0) return <Nothing>No stream status received yet.</Nothing>;
  return (
    <ul class="components">
      {streams.map(([name, age]) => (
        <li key={name} class={CONTINUOUS.test(name) && (age ?? Infinity) > SILENT_MS ? "warn" : ""}>
          <span class="name">{title(name)}</span>
          <span class="state">{age === null ? "no message yet" : latency(age)}</span>
        </li>
      ))}
    </ul>
  );
}
