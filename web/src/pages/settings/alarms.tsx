/** The alarms: from CloudWatch, or else what the health says. */

import { useState } from "preact/hooks";

import type { Client } from "../../api/client";
import { fetchHealth } from "../../api/health";
import { fetchAlarms, type Alarm } from "../../api/operator";
import { Card, Loaded } from "../../components/card";
import { HealthCard } from "../../components/health_card";
import { useResource } from "../../state/resource";
import { t } from "../../text/catalogue";
import { known, shortTime, type Zone } from "../../values/format";
import { words } from "../../values/names";
import { Runbook } from "./runbook";

const EVERY_MS = 60_000;

interface Props {
  operator: Client;
  /** Without the operator's token. */
  client: Client;
  zone: Zone;
}

export function AlarmsCard({ operator, client, zone }: Props) {
  const alarms = useResource("alarms", (cancel) => fetchAlarms(operator, cancel), EVERY_MS);
  const health = useResource("health", (cancel) => fetchHealth(client, cancel), EVERY_MS);
  const isLocal = alarms.value?.source === "none";
  return (
    <>
      <Card
        title={t("settings.alarms")}
        class="full"
        aside={
          alarms.value !== null && (
            <span class="muted">
              {isLocal ? t("settings.fromHealth") : t("settings.fromCloudWatch")}
            </span>
          )
        }
      >
        <Loaded of={alarms} rows={4}>
          {(value) =>
            value.source === "none" ? (
              <p class="muted">{t("settings.noCloudWatch")}</p>
            ) : (
              <Rows alarms={value.alarms} zone={zone} />
            )
          }
        </Loaded>
      </Card>
      {isLocal && <HealthCard health={health} />}
    </>
  );
}

function Rows({ alarms, zone }: { alarms: readonly Alarm[]; zone: Zone }) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <div
      class="scrolled"
      tabIndex={0}
      role="region"
      aria-label={t("settings.scrollable", { name: t("settings.alarms") })}
    >
      <table class="plain alarms">
        <thead>
          <tr>
            <th scope="col">{t("settings.alarm")}</th>
            <th scope="col">{t("settings.threshold")}</th>
            <th scope="col">{t("settings.state")}</th>
            <th scope="col">{t("settings.since")}</th>
            <th scope="col">{t("settings.whatToDo")}</th>
          </tr>
        </thead>
        <tbody>
          {alarms.map((one) => (
            <tr key={one.name}>
              <th scope="row">
                {one.name}
                <span class="under">{one.about}</span>
              </th>
              <td>{one.threshold}</td>
              <td>
                <span class={`alarm-state ${one.state}`}>{words(one.state)}</span>
              </td>
              <td>{known(one.since, (ms) => shortTime(ms, zone))}</td>
              <td>
                {one.runbook !== "" && (
                  <button
                    class="button small"
                    type="button"
                    aria-label={`${t("settings.runbook")}: ${one.name}`}
                    onClick={() => setOpen(one.runbook)}
                  >
                    {t("settings.runbook")}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {open !== null && <Runbook of={open} onClose={() => setOpen(null)} />}
    </div>
  );
}
