/** One real signal explained step by step with its own numbers: the newest closed one, or by its id. */

import { explain } from "../../api/explain";
import { Loaded, Nothing, Skeleton } from "../../components/card";
import { DirectionBadge, StatusBadge } from "../../components/status";
import { signalsHref } from "../../routing/view";
import { NO_FILTER, keyOf } from "../../state/listing";
import { useResource } from "../../state/resource";
import { t } from "../../text/catalogue";
import { fullTime } from "../../values/format";
import type { PageProps } from "../props";
import { Steps } from "./steps";
import "./how_it_works.css";

export function HowItWorksPage(props: PageProps) {
  const id = props.address.id ?? props.rows.find(({ ending }) => ending !== null)?.id ?? null;
  return (
    <main class="page how">
      <div class="page-head">
        <h1>{props.title}</h1>
      </div>
      <p class="muted">{t("guide.about")}</p>
      {id === null ? <None {...props} /> : <Walk {...props} id={id} />}
    </main>
  );
}

/** Before any signal has closed, or before the signals are loaded. */
function None({ state, rows }: PageProps) {
  const load = state.listings.get(keyOf(NO_FILTER))?.load;
  if (load?.state === "loading") return <Skeleton rows={6} starting={load.starting === true} />;
  if (load?.state === "error") return <p class="warning">{load.message}</p>;
  return <Nothing>{t(rows.length === 0 ? "guide.noSignal" : "guide.noneClosed")}</Nothing>;
}

function Walk({ id, live, state, preferences }: PageProps & { id: string }) {
  const details = useResource(id, (cancel) => explain(live.client, id, cancel));
  const { zone } = preferences;
  return (
    <Loaded of={details} rows={8}>
      {(found) => {
        const signal = state.signals.get(id) ?? found.signal;
        return (
          <>
            <p class="subject">
              <a href={signalsHref({}, id)}>{signal.symbol}</a>
              <DirectionBadge direction={signal.direction} />
              <StatusBadge signal={signal} />
              <span class="muted">{fullTime(signal.close_time, zone)}</span>
            </p>
            <Steps
              signal={signal}
              details={found}
              threshold={state.status?.threshold ?? null}
              zone={zone}
            />
          </>
        );
      }}
    </Loaded>
  );
}
