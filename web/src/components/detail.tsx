/** One signal in full: why it fired, what it was made of, how it ended. A drawer from the right. */

import { useEffect, useRef } from "preact/hooks";

import {
  decimalsFor,
  moment,
  percent,
  price,
  score,
  span,
  words,
  zoneOffset,
  type Zone,
} from "../format";
import type { Ending, Named, Signal } from "../signal";
import { why } from "../why";
import { Icon } from "./icons";
import { Ladder } from "./ladder";
import { DirectionBadge, StatusBadge } from "./status";

interface Props {
  signal: Signal | undefined;
  loading: boolean;
  zone: Zone;
  onClose: () => void;
}

export function Detail({ signal, loading, zone, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="detail"
      aria-labelledby="detail-title"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="sheet">
        <div class="head">
          <div class="title">
            <h2 id="detail-title" tabIndex={-1} autoFocus>
              {signal?.symbol ?? "Signal"}
            </h2>
            {signal !== undefined && <DirectionBadge direction={signal.direction} />}
            {signal !== undefined && <StatusBadge signal={signal} />}
          </div>
          <button
            class="button close"
            type="button"
            aria-label="Close"
            onClick={() => dialog.current?.close()}
          >
            <Icon name="close" />
          </button>
        </div>
        {signal !== undefined && <Body signal={signal} zone={zone} />}
        {signal === undefined && (
          <p>{loading ? "Loading…" : "This signal is not among those loaded."}</p>
        )}
      </div>
    </dialog>
  );
}

function Body({ signal, zone }: { signal: Signal; zone: Zone }) {
  return (
    <>
      <Ladder signal={signal} />
      <section>
        <h3>Why</h3>
        <p>{why(signal)}</p>
      </section>
      <section>
        <h3>Score {score(signal.score)}</h3>
        <Components signal={signal} />
      </section>
      <section>
        <h3>Events of this bar</h3>
        <Events signal={signal} />
      </section>
      {signal.ending !== null && (
        <section>
          <h3>Outcome</h3>
          <Outcome signal={signal} ending={signal.ending} zone={zone} />
        </section>
      )}
      <section>
        <h3>Details</h3>
        <Record signal={signal} zone={zone} />
      </section>
    </>
  );
}

function Components({ signal }: { signal: Signal }) {
  return (
    <ul class="bars">
      {signal.components.map(([name, value]) => (
        <li key={name} class={value === null ? "missing" : ""}>
          <span class="name">{words(name)}</span>
          <span class="track" aria-hidden="true">
            {value !== null && (
              <span class="fill" style={{ width: `${Math.min(1, Math.max(0, value)) * 100}%` }} />
            )}
          </span>
          <span class="value">{value === null ? "no data" : value.toFixed(2)}</span>
        </li>
      ))}
    </ul>
  );
}

function Events({ signal }: { signal: Signal }) {
  if (signal.events.length === 0) return <p class="muted">None at this very bar.</p>;
  return (
    <ul class="events">
      {signal.events.map((event, index) => (
        <li key={index}>
          <strong>{words(event.kind)}</strong> <span class="tag">{event.interval}</span>{" "}
          {event.direction !== null && <span class="tag">{event.direction}</span>}{" "}
          {event.strength !== null && <span>strength {score(event.strength)}</span>}
          {event.details.length > 0 && <span class="muted facts">{facts(event.details)}</span>}
        </li>
      ))}
    </ul>
  );
}

function facts(details: Named): string {
  return details
    .map(([name, value]) => `${words(name)} ${value === null ? "–" : Number(value.toPrecision(6))}`)
    .join(" · ");
}

const RESOLUTIONS: ReadonlyMap<string, string> = new Map([
  ["tick", "by a tick"],
  ["path", "by the path inside the bar"],
  ["bar", "by the closed bar"],
  ["forced", "by force: the bars never came"],
]);

function Outcome({ signal, ending, zone }: { signal: Signal; ending: Ending; zone: Zone }) {
  const { return_pct: net, gross_return_pct: gross, funding_pct: funding } = ending;
  const costs = net === null || gross === null ? null : gross - net - (funding ?? 0);
  const closed_at = ending.closed_at * 1000;
  const exit = ending.exit_price;
  return (
    <>
      {ending.ambiguous && (
        <p class="warning">Both levels were crossed in one bar; it counts as SL.</p>
      )}
      <dl class="facts">
        <Fact name="Net return" value={net === null ? "–" : percent(net)} />
        <Fact name="Gross return" value={gross === null ? "–" : percent(gross)} />
        <Fact name="Fees and slippage" value={costs === null ? "–" : percent(-costs)} />
        <Fact name="Funding" value={funding === null ? "–" : percent(-funding)} />
        <Fact name="Exit" value={exit === null ? "–" : price(exit, decimalsFor(exit))} />
        <Fact name="Closed" value={at(closed_at, zone)} />
        <Fact name="Duration" value={span(closed_at - signal.close_time)} />
        <Fact name="Decided" value={RESOLUTIONS.get(ending.resolution ?? "") ?? "–"} />
      </dl>
    </>
  );
}

function Record({ signal, zone }: { signal: Signal; zone: Zone }) {
  const atr = signal.atr === null ? "–" : price(signal.atr);
  const age = signal.stream_age_ms;
  return (
    <dl class="facts">
      <Fact name="Bar closed" value={at(signal.close_time, zone)} />
      <Fact name="Expires" value={signal.expires_at === null ? "–" : at(signal.expires_at, zone)} />
      <Fact name={`ATR ${signal.atr_interval ?? ""}`} value={atr} />
      <Fact name="Market" value={signal.market ?? "–"} />
      <Fact
        name="Gap in the data"
        value={signal.gap_s === null ? "–" : span(signal.gap_s * 1000)}
      />
      <Fact name="Feed age" value={age === null ? "unknown" : `${(age / 1000).toFixed(1)} s`} />
      <Fact name="Policy" value={signal.policy_digest?.slice(0, 12) ?? "–"} />
      <Fact name="Code" value={signal.code_version ?? "–"} />
      <Fact name="Id" value={signal.id} />
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function at(ms: number, zone: Zone): string {
  const { date, second } = moment(ms, zone);
  return `${date} ${second} ${zoneOffset(zone, ms)}`;
}
