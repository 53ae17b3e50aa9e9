/** Results of closed signals, each with its N; of one policy and one market at a time. */

import { fetchPerformance, type Performance, type Study } from "../../api/performance";
import { Card, Skeleton } from "../../components/card";
import { Failed } from "../../components/failed";
import { currentAddress, href, replace } from "../../routing/address";
import { performanceHref, readStudy, REPORTS_PATH } from "../../routing/study";
import { useResource } from "../../state/resource";
import { rich, t } from "../../text/catalogue";
import { fullTime, whole } from "../../values/format";
import { policyName, words } from "../../values/names";
import type { PageProps } from "../props";
import { Choices } from "./choices";
import { Results } from "../../components/results/results";
import { SideBySide } from "./side_by_side";
import { WhatIfCard } from "./what_if";
import "./performance.css";

const EVERY_MS = 60_000;

export function PerformancePage({ title: heading, address, live, now, preferences }: PageProps) {
  const study = readStudy(address.query);
  const key = JSON.stringify(study);
  const load = (cancel: AbortSignal) => fetchPerformance(live.client, study, cancel);
  const loaded = useResource(key, load, EVERY_MS);
  const change = (next: Partial<Study>) =>
    replace(performanceHref({ ...readStudy(currentAddress().query), ...next }));
  const { value, error } = loaded;
  const { zone } = preferences;
  return (
    <main class="page">
      <div class="page-head">
        <h1>{heading}</h1>
        <a href={href(REPORTS_PATH)}>{t("reports.title")}</a>
        <Choices study={study} known={value} live={live} onChange={change} />
      </div>
      {error !== null && (
        <Failed
          what={t("performance.the_statistics")}
          message={value === null ? error : t("performance.shown_before", { error })}
          onRetry={loaded.reload}
        />
      )}
      {value === null && error === null && (
        <Card title={t("performance.summary")} class="full">
          <Skeleton rows={8} starting={loaded.starting} />
        </Card>
      )}
      {value !== null && (
        <>
          <Basis value={value} zone={zone} days={study.days} />
          {value.n > 0 && (
            <>
              <Results value={value} zone={zone} until={value.as_of ?? now} />
              <WhatIfCard key={key} study={study} live={live} zone={zone} />
            </>
          )}
          <SideBySide
            live={live}
            days={study.days}
            market={value.market}
            until={value.as_of ?? now}
            zone={zone}
          />
        </>
      )}
    </main>
  );
}

interface BasisProps {
  value: Performance;
  zone: PageProps["preferences"]["zone"];
  days: number;
}

/** What the numbers are of, and as of when. */
function Basis({ value, zone, days }: BasisProps) {
  const market = value.market === null ? t("performance.unknown") : words(value.market);
  const policy = policyName(value) ?? t("performance.unknown");
  if (value.n === 0) {
    return (
      <div class="empty">
        <h2>{t("performance.empty")}</h2>
        <p>{t("performance.none_of", { market, policy, n: days })}</p>
      </div>
    );
  }
  return (
    <p class="basis">
      {rich("performance.basis", { count: <strong>N = {whole(value.n)}</strong>, market, policy })}
      {value.as_of !== null && ` ${t("performance.as_of", { time: fullTime(value.as_of, zone) })}`}
      {value.truncated && <span class="warning"> {t("performance.truncated")}</span>}
    </p>
  );
}
