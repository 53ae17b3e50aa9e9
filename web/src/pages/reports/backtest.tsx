/** A backtest: its conclusion, and its track record as the performance page shows one. */

import type { BacktestReport } from "../../api/reports";
import { Card, Nothing } from "../../components/card";
import { Results } from "../../components/results/results";
import { t } from "../../text/catalogue";
import { whole, type Zone } from "../../values/format";

export function BacktestView({ of, zone }: { of: BacktestReport; zone: Zone }) {
  const { record } = of;
  const said = of.sentences.filter((sentence) => sentence !== of.statement);
  const last = record.equity.at(-1)?.time ?? 0;
  return (
    <>
      <Card title={of.title || t("reports.backtest")} class="full">
        <p class="statement">{of.statement}</p>
        <ul class="sentences">
          {said.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        <p class="note muted">
          {t("reports.past", {
            count: whole(record.n),
            tried: of.tried === null ? "?" : whole(of.tried),
          })}
        </p>
      </Card>
      {record.n === 0 ? (
        <Nothing>{t("reports.no_signals")}</Nothing>
      ) : (
        <Results value={record} zone={zone} until={record.as_of ?? last} />
      )}
    </>
  );
}
