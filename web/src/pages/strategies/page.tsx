/** The parameter sets of the stack side by side: what runs, and what came of each. */

import { fetchDrawnEquity } from "../../api/performance";
import { fetchStrategies, type Strategies, type Strategy } from "../../api/strategies";
import { CurvesChart, type Curve } from "../../charts/curves_chart";
import { Card, Loaded, Nothing } from "../../components/card";
import { Meaning } from "../../components/term";
import type { Live } from "../../state/live";
import { go, href } from "../../routing/address";
import { useResource } from "../../state/resource";
import { t } from "../../text/catalogue";
import { known, type Zone } from "../../values/format";
import { words } from "../../values/names";
import type { PageProps } from "../props";
import { FormDialog } from "./form/dialog";
import { SetsTable } from "./table";
import "./strategies.css";

const EVERY_MS = 30_000;
const CURVES_EVERY_MS = 120_000;
/** At most so many curves are drawn: more look alike. */
const MOST_CURVES = 6;

export function StrategiesPage({ title, live, now, preferences, address }: PageProps) {
  const load = (cancel: AbortSignal) => fetchStrategies(live.client, cancel);
  const sets = useResource("strategies", load, EVERY_MS);
  const { zone } = preferences;
  return (
    <main class="page">
      <div class="page-head">
        <h1>{title}</h1>
        <a href={href("settings")}>{t("settings.toOperator")}</a>
      </div>
      <div class="grid">
        <Card
          title={t("sets.title")}
          class="full"
          aside={<span class="muted">{known(sets.value?.market ?? null, words)}</span>}
        >
          <Loaded of={sets} rows={5}>
            {(value) => <Sets value={value} zone={zone} />}
          </Loaded>
        </Card>
        {sets.value !== null && (
          <Curves sets={drawn(sets.value)} live={live} until={now} zone={zone} />
        )}
      </div>
      {address.id !== null && (
        <FormDialog
          key={address.id}
          name={address.id}
          client={live.client}
          zone={zone}
          onClose={() => go(href("strategies"))}
          onChanged={sets.reload}
        />
      )}
    </main>
  );
}

function Sets({ value, zone }: { value: Strategies; zone: Zone }) {
  const sets = value.strategies;
  return (
    <>
      <SetsTable sets={sets} drawn={drawn(value)} zone={zone} />
      <p class="muted note">
        {t("sets.note")}
        {sets.length === 1 && (
          <>
            {" "}
            <Meaning text={t("sets.another")} />
          </>
        )}
      </p>
    </>
  );
}

/** The names of the sets with a curve, in the order of the table. */
function drawn({ strategies }: Strategies): readonly string[] {
  const closed = strategies.filter((set: Strategy) => set.closed > 0);
  return closed.slice(0, MOST_CURVES).map(({ name }) => name);
}

interface CurvesProps {
  sets: readonly string[];
  live: Live;
  until: number;
  zone: Zone;
}

function Curves({ sets, live, until, zone }: CurvesProps) {
  const load = (cancel: AbortSignal): Promise<readonly Curve[]> =>
    Promise.all(sets.map(async (name) => curve(name, await equity(name, cancel))));
  const equity = (name: string, cancel: AbortSignal) => fetchDrawnEquity(live.client, cancel, name);
  const curves = useResource(sets.join(" "), load, CURVES_EVERY_MS);
  return (
    <Card title={t("sets.equity")} class="full">
      {sets.length === 0 ? (
        <Nothing>{t("sets.noneClosed")}</Nothing>
      ) : (
        <Loaded of={curves} rows={6}>
          {(value) => <CurvesChart curves={value} until={until} zone={zone} height={280} />}
        </Loaded>
      )}
    </Card>
  );
}

function curve(name: string, of: Awaited<ReturnType<typeof fetchDrawnEquity>>): Curve {
  return { name, points: of.equity.map((step) => [step.time, step.equity_pct] as const) };
}
