/** A titled part of a page, with its states: loading, failed, outdated, empty. */

import type { ComponentChildren } from "preact";

import { useNow } from "../browser/clock";
import type { Resource } from "../state/resource";
import { t } from "../text/catalogue";
import { Term } from "./term";
import { duration } from "../values/format";

interface CardProps {
  title: string;
  class?: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
}

export function Card({ title, class: name = "", aside, children }: CardProps) {
  return (
    <section class={`card ${name}`} aria-label={title}>
      <div class="card-head">
        <h2>{title}</h2>
        {aside !== undefined && <div class="aside">{aside}</div>}
      </div>
      {children}
    </section>
  );
}

interface LoadedProps<T> {
  of: Resource<T>;
  /** Rows of the skeleton. */
  rows?: number;
  children: (value: T) => ComponentChildren;
}

/** The value, its skeleton or its error; an outdated value is marked with its age. */
export function Loaded<T>({ of, rows = 3, children }: LoadedProps<T>) {
  if (of.value === null) {
    return of.error === null ? (
      <Skeleton rows={rows} starting={of.starting} />
    ) : (
      <Problem message={of.error} onRetry={of.reload} />
    );
  }
  return (
    <>
      {of.error !== null && <Stale at={of.at} message={of.error} />}
      {children(of.value)}
    </>
  );
}

interface SkeletonProps {
  rows: number;
  /** The server has not answered yet, and may be starting. */
  starting?: boolean;
}

export function Skeleton({ rows, starting = false }: SkeletonProps) {
  return (
    <div role="status">
      <span class={starting ? "muted" : "unseen"}>
        {t(starting ? "components.serverStarting" : "components.loading")}
      </span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} class="bone" aria-hidden="true" />
      ))}
    </div>
  );
}

function Problem({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <div class="problem" role="alert">
      <p>{message}</p>
      <button class="button small" type="button" onClick={onRetry}>
        {t("components.tryAgain")}
      </button>
    </div>
  );
}

function Stale({ at, message }: { at: number | null; message: string }) {
  const now = useNow();
  return (
    <p class="stale warning" role="alert">
      {at === null
        ? t("components.asOfEarlier")
        : t("components.asOf", { age: duration(now - at) })}{" "}
      {message}
    </p>
  );
}

/** A card's text when there is no data. */
export function Nothing({ children }: { children: ComponentChildren }) {
  return <p class="nothing muted">{children}</p>;
}

interface TileProps {
  name: string;
  /** Its anchor in the glossary. */
  term?: string;
  value: ComponentChildren;
  /** What the number is based on. */
  note?: ComponentChildren;
  tone?: "good" | "bad" | "warn" | "";
}

/** One number, its name, and what it is based on. */
export function Tile({ name, term, value, note, tone = "" }: TileProps) {
  return (
    <div class="tile">
      <dt>{term === undefined ? name : <Term of={term}>{name}</Term>}</dt>
      <dd class={`big ${tone}`}>{value}</dd>
      {note !== undefined && <dd class="note muted">{note}</dd>}
    </div>
  );
}

/** `six`, `eight`: so many tiles, laid out so that no row holds a few. */
export function Tiles({
  of = "",
  children,
}: {
  of?: "six" | "eight" | "";
  children: ComponentChildren;
}) {
  return <dl class={`tiles ${of}`}>{children}</dl>;
}

/** The tone of a result: gains are good. */
export function tone(value: number | null): "good" | "bad" | "" {
  if (value === null || Math.abs(value) < 0.0005) return "";
  return value > 0 ? "good" : "bad";
}
