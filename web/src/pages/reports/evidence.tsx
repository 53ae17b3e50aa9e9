/** The result of a look at registered data: verdict, conditions, and each span's figures. */

import type { Estimate, EvidenceReport, Span } from "../../api/reports";
import { span as spanText } from "../../components/results/rate";
import { Card } from "../../components/card";
import { t } from "../../text/catalogue";
import { known, moment, pValue, percent, score, whole, type Zone } from "../../values/format";

export function EvidenceView({ of, zone }: { of: EvidenceReport; zone: Zone }) {
  return (
    <>
      <Card title={t("reports.evidence_of", { name: of.title })} class="full">
        <p class="statement">
          <strong>{of.verdict}</strong>
        </p>
        <p>{of.statement}</p>
        {of.hypothesis !== "" && (
          <p class="note">{t("reports.hypothesis", { text: of.hypothesis })}</p>
        )}
        {!of.valid && <p class="warning">{t("reports.invalid")}</p>}
        <ul class="sentences">
          {of.conditions.map(({ text, holds }) => (
            <li key={text}>
              {holds ? t("reports.yes") : t("reports.no")}: {text}
            </li>
          ))}
        </ul>
        <p class="note muted">
          {t("reports.tried", { tried: of.tried === null ? "?" : whole(of.tried) })}{" "}
          {of.remarks.join(" ")}
        </p>
      </Card>
      <Card title={t("reports.spans")} class="full">
        <Spans of={of.spans} zone={zone} />
      </Card>
    </>
  );
}

function Spans({ of, zone }: { of: readonly Span[]; zone: Zone }) {
  return (
    <div
      class="scrolled"
      tabIndex={0}
      role="region"
      aria-label={t("performance.scrollable", { name: t("reports.spans") })}
    >
      <table class="plain groups">
        <thead>
          <tr>
            <th scope="col">{t("reports.span")}</th>
            <th scope="col">{t("reports.dates")}</th>
            <th scope="col" class="numeric">
              N
            </th>
            <th scope="col" class="numeric">
              {t("performance.rate_interval")}
            </th>
            <th scope="col" class="numeric">
              {t("reports.mean_net")}
            </th>
            <th scope="col" class="numeric">
              p
            </th>
          </tr>
        </thead>
        <tbody>
          {of.map((one) => (
            <tr key={one.name}>
              <th scope="row">{one.name}</th>
              <td>
                {spanText(
                  known(one.start, (ms) => moment(ms, zone).date),
                  known(one.end, (ms) => moment(ms, zone).date),
                )}
              </td>
              <td class="numeric">{known(one.n, whole)}</td>
              <Number of={one.win_rate} format={score} />
              <Number of={one.mean_net} format={(value) => percent(value * 100)} />
              <td class="numeric">{known(one.p, pValue)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Number({ of, format }: { of: Estimate; format: (value: number) => string }) {
  const { value, low, high } = of;
  return (
    <td class="numeric">
      {known(value, format)}
      {low !== null && high !== null && (
        <span class="under">{spanText(format(low), format(high))}</span>
      )}
    </td>
  );
}
