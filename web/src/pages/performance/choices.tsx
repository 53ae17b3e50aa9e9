/** What the page's results are of: window, symbol, direction, set, policy and market. */

import type { Performance, Study } from "../../api/performance";
import { fetchStrategies } from "../../api/strategies";
import { Select } from "../../components/select";
import { DAYS } from "../../routing/study";
import type { Live } from "../../state/live";
import { useResource } from "../../state/resource";
import { t } from "../../text/catalogue";
import { whole } from "../../values/format";
import { policyName, words } from "../../values/names";
import { CLASSIC, type Direction } from "../../values/signal";

interface Props {
  study: Study;
  known: Performance | null;
  live: Live;
  onChange: (change: Partial<Study>) => void;
}

export function Choices({ study, known: value, live, onChange }: Props) {
  const load = (cancel: AbortSignal) => fetchStrategies(live.client, cancel);
  const sets = useResource("strategies", load).value?.strategies ?? [];
  const symbols = [...new Set([...(value?.by_symbol ?? []).map((row) => row.key)])].sort();
  if (study.symbol !== null && !symbols.includes(study.symbol)) symbols.unshift(study.symbol);
  return (
    <div class="toolbar">
      <Select
        name={t("performance.window")}
        value={String(study.days)}
        options={DAYS.map((n) => [String(n), t("performance.days", { n })] as const)}
        onChange={(days) => onChange({ days: Number(days) })}
      />
      <Select
        name={t("performance.symbol")}
        value={study.symbol ?? ""}
        options={[
          ["", t("performance.all_symbols")],
          ...symbols.map((name) => [name, name] as const),
        ]}
        onChange={(symbol) => onChange({ symbol: symbol || null })}
      />
      <Select<Direction | "">
        name={t("performance.direction")}
        value={study.direction ?? ""}
        options={[
          ["", t("performance.both_sides")],
          ["long", t("performance.longs")],
          ["short", t("performance.shorts")],
        ]}
        onChange={(direction) => onChange({ direction: direction === "" ? null : direction })}
      />
      {sets.length > 1 && (
        <Select
          name={t("performance.strategy")}
          value={study.strategy ?? CLASSIC}
          options={sets.map(({ name }) => [name, name] as const)}
          onChange={(name) =>
            onChange({ strategy: name === CLASSIC ? null : name, policy: null, symbol: null })
          }
        />
      )}
      <Books study={study} value={value} onChange={onChange} />
    </div>
  );
}

interface BooksProps {
  study: Study;
  value: Performance | null;
  onChange: Props["onChange"];
}

function Books({ study, value, onChange }: BooksProps) {
  const chosen = `${study.policy ?? value?.policy_digest ?? ""} ${study.market ?? value?.market ?? ""}`;
  // Before the answer one without a choice has its place.
  const listed = (value?.policies ?? [null]).map(
    (book) =>
      [
        `${book?.policy_digest ?? ""} ${book?.market ?? ""}`,
        book === null
          ? "…"
          : `${policyName(book) ?? "?"} · ${book.market === null ? "?" : words(book.market)} (N ${whole(book.n)})`,
      ] as const,
  );
  if (listed.length === 0) return null;
  return (
    <Select
      name={t("performance.policy_and_market")}
      value={listed.some(([one]) => one === chosen) ? chosen : (listed[0]?.[0] ?? "")}
      options={listed}
      onChange={(pair) => {
        const [policy = "", market = ""] = pair.split(" ");
        onChange({ policy: policy || null, market: market || null, symbol: null });
      }}
    />
  );
}
