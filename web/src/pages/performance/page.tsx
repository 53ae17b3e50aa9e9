/** Results of closed signals, each with its N; of one policy and one market at a time. */

import {
  fetchPerformance,
  type Group,
  type Performance,
  type Study,
  type Summary,
} from "../../api/performance";
import { fetchStrategies } from "../../api/strategies";
import { ColumnsChart } from "../../charts/columns_chart";
import { EquityChart } from "../../charts/equity_chart";
import { Card, Nothing, Skeleton, Tile, Tiles, tone } from "../../components/card";
import { Failed } from "../../components/failed";
import { Select } from "../../components/select";
import { currentAddress, replace } from "../../routing/address";
import { DAYS, performanceHref, readStudy } from "../../routing/study";
import { useResource } from "../../state/resource";
import { known, percent, plain, score, whole } from "../../values/format";
import { policyName, title } from "../../values/names";
import { CLASSIC } from "../../values/signal";
import type { PageProps } from "../props";
import { GroupTable } from "./group_table";

/** Below this number of signals the API withholds ratios, and a group is drawn faint. */
const ENOUGH = 30;

export function PerformancePage({ title: heading, address, live, now, preferences }: PageProps) {
  const study = readStudy(address.query);
  const key = JSON.stringify(study);
  const loaded = useResource(key, (cancel) => fetchPerformance(live.client, study, cancel), 60_000);
  const change = (next: Partial<Study>) =>
    replace(performanceHref({ ...readStudy(currentAddress().query), ...next }));
  const value = loaded.value;
  return (
    <main class="page">
      <div class="page-head">
        <h1>{heading}</h1>
        <Choices study={study} known={value} live={live} onChange={change} />
      </div>
      {loaded.error !== null && (
        <Failed
          what="The statistics"
          message={value === null ? loaded.error : `${loaded.error} Showing the previous result.`}
          onRetry={loaded.reload}
        />
      )}
      {value === null && loaded.error === null && (
        <Card title="Summary">
          <Skeleton rows={8} starting={loaded.starting} />
        </Card>
      )}
      {value !== null && (
        <Results value={value} zone={preferences.zone} now={now} days={study.days} />
      )}
    </main>
  );
}

interface ChoicesProps {
  study: Study;
  known: Performance | null;
  live: PageProps["live"];
  onChange: (change: Partial<Study>) => void;
}

function Choices({ study, known: value, live, onChange }: ChoicesProps) {
  const load = (cancel: AbortSignal) => fetchStrategies(live.client, cancel);
  const sets = useResource("strategies", load).value?.strategies ?? [];
  const books = value?.policies ?? [];
  const chosen = `${study.policy ?? value?.policy_digest ?? ""} ${study.market ?? value?.market ?? ""}`;
  const listed = books.map(
    (book) =>
      [
        `${book.policy_digest ?? ""} ${book.market ?? ""}`,
        `${policyName(book) ?? "?"} · ${book.market ?? "?"} (N ${whole(book.n)})`,
      ] as const,
  );
  const symbols = [...new Set([...(value?.by_symbol ?? []).map((row) => row.key)])].sort();
  if (study.symbol !== null && !symbols.includes(study.symbol)) symbols.unshift(study.symbol);
  return (
    <div class="toolbar">
      <Select
        name="Window"
        value={String(study.days)}
        options={DAYS.map((days) => [String(days), days === 1 ? "1 day" : `${days} days`] as const)}
        onChange={(days) => onChange({ days: Number(days) })}
      />
      <Select
        name="Symbol"
        value={study.symbol ?? ""}
        options={[["", "All symbols"], ...symbols.map((name) => [name, name] as const)]}
        onChange={(symbol) => onChange({ symbol: symbol || null })}
      />
      {sets.length > 1 && (
        <Select
          name="Strategy"
          value={study.strategy ?? CLASSIC}
          options={sets.map(({ name }) => [name, name] as const)}
          onChange={(name) =>
            onChange({ strategy: name === CLASSIC ? null : name, policy: null, symbol: null })
          }
        />
      )}
      {listed.length > 0 && (
        <Select
          name="Policy and market"
          value={listed.some(([value]) => value === chosen) ? chosen : (listed[0]?.[0] ?? "")}
          options={listed}
          onChange={(pair) => {
            const [policy = "", market = ""] = pair.split(" ");
            onChange({ policy: policy || null, market: market || null, symbol: null });
          }}
        />
      )}
    </div>
  );
}

interface ResultsProps {
  value: Performance;
  zone: PageProps["preferences"]["zone"];
  now: number;
  days: number;
}

function Results({ value, zone, now, days }: ResultsProps) {
  const book = `${value.market ?? "unknown"} market, policy ${policyName(value) ?? "unknown"}`;
  if (value.n === 0) {
    return (
      <div class="empty">
        <h2>No closed signals in this window</h2>
        <p>
          None of the {book}, in the last {days === 1 ? "day" : `${days} days`}.
        </p>
      </div>
    );
  }
  return (
    <>
      <p class="basis">
        <strong>N = {whole(value.n)}</strong> closed signals · {book}. Returns are net, in percent
        of the entry, summed without compounding.
        {value.truncated && (
          <span class="warning"> More than 5,000 signals: only the newest 5,000 are counted.</span>
        )}
      </p>
      <Numbers summary={value.summary} n={value.n} />
      <div class="grid">
        <Card title="Equity and drawdown" class="full">
          <EquityChart steps={value.equity} until={now} zone={zone} height={300} />
        </Card>
        <Card title="Returns" aside={<span class="muted">signals by net return</span>}>
          <Returns histogram={value.histogram} />
        </Card>
        <Card title="By hour (UTC)" class="wide" aside={<span class="muted">mean net return</span>}>
          <Hours rows={value.by_hour} />
        </Card>
        <Card title="By symbol" class="half">
          <GroupTable rows={value.by_symbol} enough={ENOUGH} name="Symbol" />
        </Card>
        <div class="column half">
          <Card title="By event">
            <GroupTable rows={value.by_event} enough={ENOUGH} name="Event" label={title} />
          </Card>
          <Card title="By direction">
            <GroupTable rows={value.by_direction} enough={ENOUGH} name="Direction" />
          </Card>
        </div>
      </div>
    </>
  );
}

function Numbers({ summary, n }: { summary: Summary; n: number }) {
  const withheld = n < ENOUGH ? `needs ${ENOUGH} signals, has ${n}` : undefined;
  const { win_rate_low: low, win_rate_high: high } = summary;
  return (
    <Card title="Summary" class="full">
      <Tiles of="eight">
        <Tile
          name="Win rate"
          value={known(summary.win_rate, score)}
          note={low === null || high === null ? "" : `95%: ${score(low)} to ${score(high)}`}
        />
        <Tile
          name="Mean return"
          value={known(summary.avg_return, percent)}
          tone={tone(summary.avg_return)}
          note={`gross ${known(summary.avg_gross, percent)}`}
        />
        <Tile
          name="Profit factor"
          value={known(summary.profit_factor, plain)}
          note={summary.profit_factor === null ? (withheld ?? "no loss yet") : "gains over losses"}
        />
        <Tile
          name="Expectancy"
          value={known(summary.expectancy_r, (r) => `${plain(r)} R`)}
          note="R is the distance to SL"
        />
        <Tile
          name="Max drawdown"
          value={known(summary.max_drawdown, (pct) => percent(-Math.abs(pct)))}
          note="of the cumulative return"
        />
        <Tile
          name="Best"
          value={known(summary.best, percent)}
          note={`worst ${known(summary.worst, percent)}`}
        />
        <Tile
          name="Sharpe"
          value={known(summary.sharpe_ratio, plain)}
          note={withheld ?? "per signal"}
        />
        <Tile
          name="Sortino"
          value={known(summary.sortino_ratio, plain)}
          note={withheld ?? "per signal"}
        />
      </Tiles>
    </Card>
  );
}

function Returns({ histogram }: Pick<Performance, "histogram">) {
  if (histogram === null) return <Nothing>No distribution yet.</Nothing>;
  const { edges, counts } = histogram;
  const columns = counts.map((value, n) => {
    const [from, to] = [edges[n] ?? 0, edges[n + 1] ?? 0];
    return {
      label: percent((from + to) / 2),
      value,
      title: `${percent(from)} to ${percent(to)}: ${value} signals`,
      tone: to <= 0 ? ("bad" as const) : from >= 0 ? ("good" as const) : ("plain" as const),
    };
  });
  return (
    <ColumnsChart columns={columns} format={whole} counts summary={described(edges, counts)} />
  );
}

function described(edges: readonly number[], counts: readonly number[]): string {
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 0];
  const most = counts.indexOf(Math.max(...counts));
  const peak = `${percent(edges[most] ?? 0)} to ${percent(edges[most + 1] ?? 0)}`;
  return `Histogram of net returns from ${percent(low)} to ${percent(high)}; the most frequent are ${peak}`;
}

function Hours({ rows }: { rows: readonly Group[] }) {
  const byHour = new Map(rows.map((row) => [Number(row.key), row]));
  const columns = Array.from({ length: 24 }, (_, hour) => {
    const row = byHour.get(hour);
    const mean = row?.avg_return ?? 0;
    return {
      label: String(hour).padStart(2, "0"),
      value: mean,
      title: `${hour}:00 UTC: ${percent(mean)} on average, N = ${row?.n ?? 0}`,
      tone: mean < 0 ? ("bad" as const) : ("good" as const),
      faint: (row?.n ?? 0) < ENOUGH,
    };
  });
  const n = rows.reduce((total, row) => total + row.n, 0);
  return (
    <>
      <ColumnsChart
        columns={columns}
        format={percent}
        summary={`Mean net return by hour of the day, ${n} signals`}
      />
      <p class="muted note">Faint: fewer than {ENOUGH} signals in that hour.</p>
    </>
  );
}
