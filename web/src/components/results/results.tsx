/** A track record as cards: of the API, and of a report. */

import type { Performance } from "../../api/performance";
import { EquityChart } from "../../charts/equity_chart";
import { Card } from "../card";
import { t } from "../../text/catalogue";
import type { Zone } from "../../values/format";
import { title } from "../../values/names";
import { CalibrationView } from "./calibration";
import { Hours, Returns, Weekdays } from "./distributions";
import { ExcursionsView } from "./excursions";
import { GroupTable } from "./group_table";
import { Numbers } from "./numbers";
import { Calendar, PeriodTable } from "./periods";
import "./results.css";

interface Props {
  value: Performance;
  zone: Zone;
  /** The market's time (ms) that curves go on to. */
  until: number;
}

export function Results({ value, zone, until }: Props) {
  const mean = <span class="muted">{t("performance.mean_net")}</span>;
  return (
    <>
      <Numbers summary={value.summary} n={value.n} />
      <div class="grid results">
        <Card title={t("performance.equity")} class="full">
          <EquityChart steps={value.equity} until={until} zone={zone} height={300} />
        </Card>
        <Card
          title={t("performance.calendar")}
          class="half"
          aside={<span class="muted">{t("performance.net_by_day")}</span>}
        >
          <Calendar periods={value.periods} until={until} />
        </Card>
        <Card title={t("performance.by_weekday")} class="half" aside={mean}>
          <Weekdays rows={value.by_weekday} />
        </Card>
        <PeriodTable periods={value.periods} />
        <Card
          title={t("performance.returns")}
          aside={<span class="muted">{t("performance.by_net")}</span>}
        >
          <Returns histogram={value.histogram} />
        </Card>
        <Card title={t("performance.by_hour")} class="wide" aside={mean}>
          <Hours rows={value.by_hour} />
        </Card>
        <Card title={t("performance.calibration")} class="half">
          <CalibrationView of={value.calibration} />
        </Card>
        <Card title={t("performance.excursions")} class="half">
          <ExcursionsView of={value.excursions} />
        </Card>
        <Card title={t("performance.by_symbol")} class="half">
          <GroupTable rows={value.by_symbol} name={t("performance.symbol")} />
        </Card>
        <div class="column half">
          <Card title={t("performance.by_event")}>
            <GroupTable rows={value.by_event} name={t("performance.event")} label={title} />
          </Card>
          <Card title={t("performance.by_direction")}>
            <GroupTable rows={value.by_direction} name={t("performance.direction")} label={title} />
          </Card>
        </div>
      </div>
    </>
  );
}
