/** The system page: load, latency, queues, streams, gaps and cost. */

import { fetchHealth } from "../../api/health";
import { fetchGaps, fetchSystem, type Gap, type Hop, type System } from "../../api/system";
import { Card, Loaded, Nothing, Tile, Tiles } from "../../components/card";
import { HealthCard } from "../../components/health_card";
import { useResource } from "../../state/resource";
import { t } from "../../text/catalogue";
import { bytes, fullTime, known, latency, plain, duration, whole } from "../../values/format";
import type { Zone } from "../../values/format";
import { title, words } from "../../values/names";
import { reason } from "../../values/reasons";
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
          <Card title={t("system.now")} aside={<span class="muted">{t("system.nowFrom")}</span>}>
            <Now metrics={state.status?.metrics ?? []} of={system.value} />
          </Card>
          <Card
            title={t("system.delays")}
            class="delays"
            aside={<span class="muted">{t("system.delaysAre")}</span>}
          >
            <Loaded of={system} rows={4}>
              {({ hops }) => <Hops hops={hops} />}
            </Loaded>
            {market !== null && market !== "live" && (
              <p class="muted note">{t("system.delaysOfPast")}</p>
            )}
          </Card>
          <Card
            title={t("system.queues")}
            class="listed"
            aside={<span class="muted">{t("system.queuesAre")}</span>}
          >
            <Loaded of={system}>{({ queues }) => <Queues queues={queues} />}</Loaded>
          </Card>
          <Card
            title={t("system.streams")}
            class="listed"
            aside={<span class="muted">{t("system.streamsAre")}</span>}
          >
            <Streams streams={state.status?.streams ?? []} />
          </Card>
          <Card title={t("system.gaps")}>
            <Loaded of={gaps}>{(list) => <Gaps gaps={list} zone={preferences.zone} />}</Loaded>
          </Card>
        </div>
        <div class="column">
          <HealthCard health={health} />
          <Card title={t("system.cost")} aside={<span class="muted">{t("system.costIs")}</span>}>
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
    [
      t("system.cpu"),
      known(number("cpu_percent"), (value) => `${plain(value)}%`),
      t("system.ofTask"),
    ],
    [t("system.memory"), known(number("rss_bytes"), bytes), t("system.ofTask")],
    [t("system.openSignals"), known(number("open_signals"), whole)],
    [t("system.signalsToday"), known(number("signals_count"), whole)],
    [t("system.eventsToday"), known(number("events_count"), whole)],
    [t("system.reconnects"), known(number("reconnects"), whole), t("system.sinceStart")],
    [t("system.backlog"), known(number("backlog"), whole), t("system.backlogIs")],
    [t("system.viewers"), known(of?.websocket_clients ?? null, whole), t("system.viewersAre")],
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
  if (measured.length === 0) return <Nothing>{t("system.noHops")}</Nothing>;
  const longest = Math.max(1, ...hops.map((hop) => hop.p95_ms ?? hop.p50_ms ?? 0));
  const width = (ms: number | null) => `${((ms ?? 0) / longest) * 100}%`;
  return (
    <ul class="hops">
      {measured.map((hop) => (
        <li key={hop.name}>
          <span class="name">{title(reason(hop.name))}</span>
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
  if (queues.length === 0) return <Nothing>{t("system.noQueues")}</Nothing>;
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
  if (gaps.length === 0) return <Nothing>{t("system.noGaps")}</Nothing>;
  return (
    <ul class="ledger">
      {gaps.map((gap) => (
        <li key={gap.id}>
          <strong>{gap.symbol ?? t("system.allSymbols")}</strong>
          <span>
            {title(gap.stream)}: {words(gap.cause)}
          </span>
          <span class={gap.bars_lost > 0 || gap.outcome === "open" ? "warning" : "muted"}>
            {words(gap.outcome)}
            {gap.bars_missing > 0 && `, ${t("system.barsMissing", { n: gap.bars_missing })}`}
            {gap.bars_lost > 0 && `, ${t("system.barsLost", { n: gap.bars_lost })}`}
          </span>
          <span class="muted when">
            {fullTime(gap.start, zone)}
            {gap.end !== null &&
              gap.end > gap.start &&
              `, ${t("system.lasting", { span: duration(gap.end - gap.start) })}`}
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
  if (streams.length === 0) return <Nothing>{t("system.noStreams")}</Nothing>;
  return (
    <ul class="components">
      {streams.map(([name, age]) => (
        <li key={name} class={CONTINUOUS.test(name) && (age ?? Infinity) > SILENT_MS ? "warn" : ""}>
          <span class="name">{title(name)}</span>
          <span class="state">{age === null ? t("system.noMessage") : latency(age)}</span>
        </li>
      ))}
    </ul>
  );
}
