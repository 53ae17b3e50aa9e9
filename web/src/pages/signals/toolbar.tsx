/** Search and filters of the signals table, and its order where it has no column heads. */

import { useEffect, useRef, useState } from "preact/hooks";

import { Icon } from "../../components/icons";
import { Select } from "../../components/select";
import { DEFAULT_VIEW, isNarrowed, type View } from "../../routing/view";
import type { SavedFilter } from "../../state/stored_values";
import { PERIODS } from "../../state/listing";
import { COLUMNS, type Column } from "../../state/rows";
import { t } from "../../text/catalogue";
import { SavedFilters } from "./filters/saved";

interface Props {
  view: View;
  symbols: readonly string[];
  /** The parameter sets to choose from; none where there is one only. */
  strategies: readonly string[];
  /** The search field should take the focus; it then calls `onSearching`. */
  searching: boolean;
  /** Those that are saved in this browser. */
  filters: readonly SavedFilter[];
  onSearching: () => void;
  onChange: (change: Partial<View>) => void;
  /** Open the other filters, and the columns. */
  onMore: () => void;
}

/** Delay between typing and the change of the address. */
const TYPING_MS = 150;

export function Toolbar(props: Props) {
  const { view, symbols, strategies, searching, onSearching, onChange } = props;
  const { symbol, direction, period, strategy, sort } = view;
  const listed = symbol === null || symbols.includes(symbol) ? symbols : [symbol, ...symbols];
  const sets =
    strategy === null || strategies.includes(strategy) ? strategies : [strategy, ...strategies];
  const { tab: _, sort: __, ...cleared } = DEFAULT_VIEW;
  return (
    <div class="toolbar" role="search">
      <Search
        value={view.search}
        focus={searching}
        onFocused={onSearching}
        onChange={(search) => onChange({ search })}
      />
      <Select
        name={t("signals.symbol")}
        value={symbol ?? ""}
        options={[["", t("signals.allSymbols")], ...listed.map((name) => [name, name] as const)]}
        onChange={(value) => onChange({ symbol: value || null })}
      />
      <Select
        name={t("signals.direction")}
        value={direction ?? ""}
        options={directions()}
        onChange={(value) => onChange({ direction: value || null })}
      />
      <Select
        name={t("signals.period")}
        value={period}
        options={PERIODS.map((value) => [value, t(`signals.period_${value}`)] as const)}
        onChange={(value) => onChange({ period: value })}
      />
      <span class="order">
        <Select
          name={t("signals.order")}
          value={`${sort.descending ? "-" : ""}${sort.column}`}
          options={orders()}
          onChange={(value) => {
            const column = COLUMNS.find((name) => name === value.replace("-", "")) ?? "time";
            onChange({ sort: { column, descending: value.startsWith("-") } });
          }}
        />
      </span>
      <SavedFilters filters={props.filters} name={view.name} />
      <button class="button" type="button" onClick={props.onMore}>
        <Icon name="sliders" />
        {t("settings.filters")}
      </button>
      {sets.length > 0 && (
        <Select
          name={t("signals.strategy")}
          value={strategy ?? ""}
          options={[["", t("signals.allStrategies")], ...sets.map((name) => [name, name] as const)]}
          onChange={(value) => onChange({ strategy: value || null })}
        />
      )}
      {isNarrowed(view) && (
        <button class="button" type="button" onClick={() => onChange(cleared)}>
          <Icon name="close" />
          {t("signals.clear")}
        </button>
      )}
    </div>
  );
}

const directions = () =>
  [
    ["", t("signals.bothSides")],
    ["long", t("signals.long")],
    ["short", t("signals.short")],
  ] as const;

const orders = (): readonly (readonly [`${"-" | ""}${Column}`, string])[] => [
  ["-time", t("signals.newest")],
  ["time", t("signals.oldest")],
  ["-score", t("signals.highest")],
  ["score", t("signals.lowest")],
  ["-pnl", t("signals.best")],
  ["pnl", t("signals.worst")],
  ["symbol", t("signals.symbolUp")],
  ["-symbol", t("signals.symbolDown")],
  ["direction", t("signals.longsFirst")],
  ["-direction", t("signals.shortsFirst")],
  ["status", t("signals.statusUp")],
  ["-status", t("signals.statusDown")],
  ["-reward", t("settings.rewardDown")],
  ["reward", t("settings.rewardUp")],
];

interface SearchProps {
  value: string;
  /** Take the focus, and report it. */
  focus: boolean;
  onFocused: () => void;
  onChange: (text: string) => void;
}

function Search({ value, focus, onFocused, onChange }: SearchProps) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const latest = useRef(onChange); // another filter may change during the delay
  latest.current = onChange;
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (document.activeElement !== input.current || value === "") setText(value);
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!focus) return;
    input.current?.focus();
    onFocused();
  }, [focus]);
  const type = (next: string) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current(next.trim()), TYPING_MS);
  };
  const escape = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (text === "") return input.current?.blur();
    clearTimeout(timer.current);
    setText("");
    onChange("");
  };
  return (
    <label class="search">
      <Icon name="search" />
      <span class="unseen">{t("signals.search")}</span>
      <input
        ref={input}
        type="search"
        placeholder={t("signals.searchHint")}
        maxLength={100}
        value={text}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={escape}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}
