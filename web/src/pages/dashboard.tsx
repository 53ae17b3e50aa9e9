/** The machinery: how fast, how full, how dear, and what did not come. */

import { fetchHealth } from "../api/health";
import { fetchGaps, fetchSystem, type Gap, type Hop, type System } from "../api/system";
import { Card, Loaded, Nothing, Tile, Tiles } from "../components/card";
import { CostNote } from "../components/cost_note";
import { at } from "../components/detail/fact";
import { HealthCard } from "../components/health_card";
import { bytes, known, latency, plain, span, whole, words, type Zone } from "../format";
import { useResource } from "../resource";
import type { Named } from "../signal";
import type { PageProps } from "./page";

const EVERY_MS = 20_000;

export function DashboardPage({ live, state, market, preferences }: PageProps) {
  const { client } = live;
  const health = useResource("health", (cancel) => fetchHealth(client, cancel), EVERY_MS);
  const system = useResource("system", (cancel) => fetchSystem(client, cancel), EVERY_MS);
  const gaps = useResource("gaps", (cancel) => fetchGaps(client, cancel), EVERY_MS * 3);
  return (
    <main class="page">
      <h1 class="unseen">Dashboard</h1>
      <div class="columns">
        <div class="column">
          <Card title="Now" aside={<span class="muted">from the feed's heartbeat</span>}>
            <Now metrics={state.status?.metrics ?? []} of={system.value} />
          </Card>
          <Card title="Lag per hop" aside={<span class="muted">median / 95th of 100</span>}>
            <Loaded of={system} rows={4}>
              {({ hops }) => <Hops hops={hops} />}
            </Loaded>
            {market !== null && market !== "live" && (
              <p class="muted note">
                From the commit on. A bar's close is told by the market's clock, which here is not
                the wall's.
              </p>
            )}
          </Card>
          <Card title="Gaps">
            <Loaded of={gaps}>{(list) => <Gaps gaps={list} zone={preferences.zone} />}</Loaded>
          </Card>
        </div>
        <div class="column">
          <HealthCard health={health} />
          <Card title="Queues" aside={<span class="muted">waiting, about</span>}>
            <Loaded of={system}>{({ queues }) => <Queues queues={queues} />}</Loaded>
          </Card>
          <Card title="Streams" aside={<span class="muted">age of the last message</span>}>
            <Streams streams={state.status?.streams ?? []} />
          </Card>
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
  const signs: readonly (readonly [string, string, string?])[] = [
    ["CPU", known(number("cpu_percent"), (value) => `${plain(value)}%`), "of the ingest task"],
    ["Memory", known(number("rss_bytes"), bytes), "of the ingest task"],
    ["Open signals", known(number("open_signals"), whole)],
    ["Signals today", known(number("signals_count"), whole)],
    ["Events today", known(number("events_count"), whole)],
    ["Reconnects", known(number("reconnects"), whole), "since the task began"],
    ["Backlog", known(number("backlog"), whole), "records waiting to be sent"],
    ["Listeners", known(of?.websocket_clients ?? null, whole), "WebSocket clients"],
  ];
  return (
    <Tiles>
      {signs.map(([name, value, note]) => (
        <Tile key={name} name={name} value={value} {...(note === undefined ? {} : { note })} />
      ))}
    </Tiles>
  );
}

function Hops({ hops }: { hops: readonly Hop[] }) {
  const came = hops.filter((hop) => hop.n !== 0 && hop.p50_ms !== null);
  if (came.length === 0) return <Nothing>No signal was told in the last 24 h.</Nothing>;
  const longest = Math.max(1, ...hops.map((hop) => hop.p95_ms ?? hop.p50_ms ?? 0));
  const width = (ms: number | null) => `${((ms ?? 0) / longest) * 100}%`;
  return (
    <ul class="hops">
      {came.map((hop) => (
        <li key={hop.name}>
          <span class="name">{words(hop.name)}</span>
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
  if (queues.length === 0) return <Nothing>No queue told its depth.</Nothing>;
  return (
    <ul class="components">
      {queues.map(([name, depth]) => (
        <li key={name} class={depth !== null && depth > 0 && /dead/.test(name) ? "warn" : ""}>
          <span class="name">{words(name)}</span>
          <span class="said">{known(depth, whole)}</span>
        </li>
      ))}
    </ul>
  );
}

function Gaps({ gaps, zone }: { gaps: readonly Gap[]; zone: Zone }) {
  if (gaps.length === 0) return <Nothing>Nothing was missing today.</Nothing>;
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
            {at(gap.start, zone)}
            {gap.end !== null && gap.end > gap.start && `, for ${span(gap.end - gap.start)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Streams that are never quiet by themselves; liquidations and the like may be. */
const VITAL = /^(kline|mark)/;
const QUIET_MS = 60_000;

function Streams({ streams }: { streams: Named }) {
  if (streams.length === 0) return <Nothing>The feed has not told of its streams yet.</Nothing>;
  return (
    <ul class="components">
      {streams.map(([name, age]) => (
        <li key={name} class={VITAL.test(name) && (age ?? Infinity) > QUIET_MS ? "warn" : ""}>
          <span class="name">{words(name)}</span>
          <span class="said">{age === null ? "nothing yet" : latency(age)}</span>
        </li>
      ))}
    </ul>
  );
}
