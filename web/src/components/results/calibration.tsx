/** Whether a higher score has won more often: points with whiskers, and what they show. */

import type { Calibration } from "../../api/performance";
import { bucketText, CalibrationChart } from "../../charts/calibration_chart";
import { Nothing } from "../card";
import { t } from "../../text/catalogue";
import { pValue, score } from "../../values/format";
import { ENOUGH } from "./enough";

/** A trend with a smaller p is called one. */
const CLEAR = 0.05;

export function CalibrationView({ of }: { of: Calibration | null }) {
  if (of === null || of.n === 0 || of.win_rate === null) {
    return <Nothing>{t("performance.no_scores")}</Nothing>;
  }
  return (
    <>
      <CalibrationChart
        buckets={of.buckets}
        rate={of.win_rate}
        enough={ENOUGH}
        summary={t("performance.calibration_of", {
          n: of.n,
          buckets: of.buckets.map(bucketText).join("; "),
        })}
      />
      <p class="note shown">{shown(of)}</p>
      <p class="muted note">{t("performance.calibration_note")}</p>
      {of.without > 0 && (
        <p class="muted note">{t("performance.without_score", { n: of.without })}</p>
      )}
    </>
  );
}

/** What the points show, in a sentence. */
function shown({ n, trend_z: z, trend_p: p, win_rate: rate, buckets }: Calibration): string {
  if (n < ENOUGH) return t("performance.too_few_scores", { enough: ENOUGH, has: n });
  if (z === null || p === null || rate === null) return t("performance.no_trend_test");
  const outside = buckets.filter((one) => one.win_rate_low > rate || one.win_rate_high < rate);
  const values = { p: pValue(p) };
  const found =
    p >= CLEAR
      ? t("performance.no_trend", values)
      : z > 0
        ? t("performance.rising", values)
        : t("performance.falling", values);
  const apart =
    outside.length === 0
      ? t("performance.none_outside", { rate: score(rate) })
      : t("performance.outside", { n: outside.length, rate: score(rate) });
  return `${found} ${apart}`;
}
