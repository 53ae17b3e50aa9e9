/** Who receives what, by ids that name nobody; one may be removed. */

import { useState } from "preact/hooks";

import type { Client } from "../../api/client";
import { fetchSubscribers, removeSubscriber, type Subscriber } from "../../api/operator";
import { Card, Loaded, Nothing } from "../../components/card";
import { useResource } from "../../state/resource";
import { t } from "../../text/catalogue";
import { languageName } from "../../text/languages";
import { known, score, shortTime, type Zone } from "../../values/format";
import { title, words } from "../../values/names";
import { reason } from "../../values/reasons";

const EVERY_MS = 60_000;
const SHOWN_ID = 8;

interface Props {
  operator: Client;
  zone: Zone;
}

export function SubscribersCard({ operator, zone }: Props) {
  const load = (cancel: AbortSignal) => fetchSubscribers(operator, cancel);
  const all = useResource("subscribers", load, EVERY_MS);
  const [said, setSaid] = useState("");
  const remove = async (one: Subscriber) => {
    await removeSubscriber(operator, one.id).then(
      () => setSaid(t("settings.removed", { id: one.id.slice(0, SHOWN_ID) })),
      (error: unknown) => setSaid(error instanceof Error ? error.message : String(error)),
    );
    all.reload();
  };
  return (
    <Card title={t("settings.subscribers")} class="full">
      <Loaded of={all} rows={4}>
        {(rows) =>
          rows.length === 0 ? (
            <Nothing>{t("settings.nobody")}</Nothing>
          ) : (
            <Rows rows={rows} zone={zone} onRemove={(one) => void remove(one)} />
          )
        }
      </Loaded>
      <p role="status" class="note">
        {said}
      </p>
    </Card>
  );
}

interface RowsProps {
  rows: readonly Subscriber[];
  zone: Zone;
  onRemove: (one: Subscriber) => void;
}

function Rows({ rows, zone, onRemove }: RowsProps) {
  const heads = ["address", "receives", "quietHours", "state", "lastSent"] as const;
  return (
    <div
      class="scrolled"
      tabIndex={0}
      role="region"
      aria-label={t("settings.scrollable", { name: t("settings.subscribers") })}
    >
      <table class="plain subscribers">
        <thead>
          <tr>
            {heads.map((name) => (
              <th key={name} scope="col">
                {t(`settings.${name}`)}
              </th>
            ))}
            <th scope="col">
              <span class="unseen">{t("settings.removeOne")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <Row key={one.id} one={one} zone={zone} onRemove={() => onRemove(one)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ one, zone, onRemove }: { one: Subscriber; zone: Zone; onRemove: () => void }) {
  const [sure, setSure] = useState(false);
  const short = one.id.slice(0, SHOWN_ID);
  return (
    <tr data-channel={one.channel}>
      <th scope="row">
        {title(one.channel)} {one.address}
        <span class="under">{short}</span>
      </th>
      <td>
        {received(one)}
        <span class="under">{languageName(one.language)}</span>
      </td>
      <td>
        {one.quiet === null
          ? "–"
          : t("settings.hours", { from: one.quiet[0], to: one.quiet[1], zone: one.timezone })}
      </td>
      <td>
        {stateOf(one, zone)}
        {one.parked_reason !== "" && <span class="under">{reason(one.parked_reason)}</span>}
      </td>
      <td>{known(one.last_sent, (ms) => shortTime(ms, zone))}</td>
      <td>
        {one.active && (
          <button
            class="button small"
            type="button"
            aria-label={
              sure
                ? t("settings.reallyNamed", { id: short })
                : t("settings.removeNamed", { name: short })
            }
            onClick={() => (sure ? onRemove() : setSure(true))}
          >
            {sure ? t("settings.really") : t("settings.removeOne")}
          </button>
        )}
      </td>
    </tr>
  );
}

/** `BTCUSDT, from 60.0%, long`; or everything. */
function received(one: Subscriber): string {
  const parts = [
    ...one.symbols,
    ...one.strategies,
    ...(one.direction === null ? [] : [words(one.direction)]),
    ...(one.min_score > 0 ? [t("settings.fromScore", { score: score(one.min_score) })] : []),
    ...(one.opened === "on" ? [] : [t("settings.openings", { how: words(one.opened) })]),
    ...(one.closed === "on" ? [] : [t("settings.closings", { how: words(one.closed) })]),
  ];
  return parts.length === 0 ? t("settings.everything") : parts.join(", ");
}

function stateOf(one: Subscriber, zone: Zone): string {
  if (one.left_at !== null) return t("settings.left", { at: shortTime(one.left_at, zone) });
  if (!one.active) return t("settings.ended");
  if (one.parked_until !== null)
    return t("settings.parked", { until: shortTime(one.parked_until, zone) });
  return one.stored ? t("settings.active") : t("settings.noPreferences");
}
