/** Search and filters of the signals table; on a phone, its order too. */

import { useEffect, useRef, useState } from "preact/hooks";

import { PERIODS, type Period } from "../listing";
import { DEFAULT_VIEW, isNarrowed, type View } from "../route";
import { COLUMNS, type Column } from "../rows";
import { Icon } from "./icons";

interface Props {
  view: View;
  symbols: readonly string[];
  /** The search is to take the focus. */
  searching: boolean;
  onSearching: () => void;
  onChange: (change: Partial<View>) => void;
}

/** While someone types, the address follows a moment later. */
const TYPING_MS = 150;

export function Toolbar({ view, symbols, searching, onSearching, onChange }: Props) {
  const { symbol, direction, period, sort } = view;
  const listed = symbol === null || symbols.includes(symbol) ? symbols : [symbol, ...symbols];
  const { tab: _, sort: __, ...cleared } = DEFAULT_VIEW;
  return (
    <div class="toolbar" role="search">
      <Search
        value={view.search}
        wanted={searching}
        onTaken={onSearching}
        onChange={(search) => onChange({ search })}
      />
      <Select
        name="Symbol"
        value={symbol ?? ""}
        options={[["", "All symbols"], ...listed.map((name) => [name, name] as const)]}
        onChange={(value) => onChange({ symbol: value || null })}
      />
      <Select
        name="Direction"
        value={direction ?? ""}
        options={DIRECTIONS}
        onChange={(value) => onChange({ direction: value || null })}
      />
      <Select
        name="Period"
        value={period}
        options={PERIODS.map((value) => [value, PERIOD_WORDS[value]] as const)}
        onChange={(value) => onChange({ period: value })}
      />
      <span class="order">
        <Select
          name="Order"
          value={`${sort.descending ? "-" : ""}${sort.column}`}
          options={ORDERS}
          onChange={(value) => {
            const column = COLUMNS.find((name) => name === value.replace("-", "")) ?? "time";
            onChange({ sort: { column, descending: value.startsWith("-") } });
          }}
        />
      </span>
      {isNarrowed(view) && (
        <button class="button" type="button" onClick={() => onChange(cleared)}>
          <Icon name="close" />
          Clear
        </button>
      )}
    </div>
  );
}

const DIRECTIONS = [
  ["", "Long and short"],
  ["long", "Long"],
  ["short", "Short"],
] as const;

const PERIOD_WORDS: Readonly<Record<Period, string>> = {
  all: "All time",
  today: "Today",
  "24h": "Last 24 h",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
};

const ORDERS: readonly (readonly [`${"-" | ""}${Column}`, string])[] = [
  ["-time", "Newest first"],
  ["time", "Oldest first"],
  ["-score", "Highest score"],
  ["score", "Lowest score"],
  ["-pnl", "Best result"],
  ["pnl", "Worst result"],
  ["symbol", "Symbol, A to Z"],
  ["-symbol", "Symbol, Z to A"],
  ["direction", "Longs first"],
  ["-direction", "Shorts first"],
  ["status", "Status, A to Z"],
  ["-status", "Status, Z to A"],
];

interface SearchProps {
  value: string;
  /** It is to take the focus, and to say so. */
  wanted: boolean;
  onTaken: () => void;
  onChange: (text: string) => void;
}

function Search({ value, wanted, onTaken, onChange }: SearchProps) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const latest = useRef(onChange); // another filter may change before the time is up
  latest.current = onChange;
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (document.activeElement !== input.current || value === "") setText(value);
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!wanted) return;
    input.current?.focus();
    onTaken();
  }, [wanted]);
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
      <span class="unseen">Search signals</span>
      <input
        ref={input}
        type="search"
        placeholder="Search symbol, event, status…"
        maxLength={100}
        value={text}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={escape}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}

interface SelectProps<T extends string> {
  name: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}

/** A choice; its name is for screen readers, the chosen words speak for themselves. */
export function Select<T extends string>({ name, value, options, onChange }: SelectProps<T>) {
  return (
    <span class="select">
      <select
        aria-label={name}
        value={value}
        onChange={(event) => {
          const chosen = options.find(([option]) => option === event.currentTarget.value);
          if (chosen !== undefined) onChange(chosen[0]);
        }}
      >
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    </span>
  );
}
