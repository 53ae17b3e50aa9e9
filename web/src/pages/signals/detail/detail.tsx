/** One signal in full, in a drawer: reasons, score, events, outcome, delivery. */

import type { ComponentChildren } from "preact";

import { explain, type Explained } from "../../../api/explain";
import { Skeleton } from "../../../components/card";
import { Dialog } from "../../../components/dialog";
import { PriceAlerts } from "../../../components/price_alerts";
import { DirectionBadge, Pnl, StatusBadge } from "../../../components/status";
import { SymbolLink } from "../../../components/symbol_link";
import { useResource, type Resource } from "../../../state/resource";
import { t } from "../../../text/catalogue";
import { score } from "../../../values/format";
import type { Prices, Signal } from "../../../values/signal";
import type { PageProps } from "../../props";
import { Actions } from "../actions/actions";
import { Said, useCopying } from "../actions/copying";
import { Progress } from "../actions/progress";
import { Size } from "../actions/size";
import { Chart } from "./chart";
import { Components } from "./components";
import { Events } from "./events";
import { Features } from "./features";
import { Ladder } from "./ladder";
import { Neighbours } from "./neighbours";
import { Outcome } from "./outcome";
import { Receipts } from "./receipts";
import { Record } from "./record";
import { Stars } from "../actions/stars";
import { Steps } from "./steps";
import { why } from "./why";

interface Props extends PageProps {
  id: string;
  prices: Prices;
  onClose: () => void;
}

/** Reload interval while a signal is open: its bars and receipts still change. */
const OPEN_EVERY_MS = 20_000;

export function Detail(props: Props) {
  const { id, state, live, prices } = props;
  const known = state.signals.get(id);
  const every = known === undefined || known.status === "open" ? OPEN_EVERY_MS : null;
  const key = `${id} ${known?.status ?? ""}`;
  const details = useResource(key, (cancel) => explain(live.client, id, cancel), every);
  const signal = known ?? details.value?.signal;
  const last = signal?.status === "open" ? (prices.get(signal.symbol) ?? null) : null;
  // The result is the last: its width changes with the price.
  const badges = signal !== undefined && (
    <>
      <SymbolLink symbol={signal.symbol} sign />
      <DirectionBadge direction={signal.direction} />
      <StatusBadge signal={signal} />
      <Stars signal={signal} preferences={props.preferences} />
      <Pnl signal={signal} last={last} />
    </>
  );
  return (
    <Dialog
      id="detail"
      class="detail"
      title={signal?.symbol ?? t("detail.signal")}
      badges={badges}
      onClose={props.onClose}
    >
      {signal === undefined ? (
        <Unknown error={details.error} starting={details.starting} />
      ) : (
        <Body {...props} signal={signal} details={details} />
      )}
    </Dialog>
  );
}

function Unknown({ error, starting }: { error: string | null; starting: boolean }) {
  if (error === null) return <Skeleton rows={6} starting={starting} />;
  return (
    <div role="alert">
      <p>{t("detail.notLoaded")}</p>
      <p class="warning">{error}</p>
    </div>
  );
}

type BodyProps = Props & { signal: Signal; details: Resource<Explained> };

function Body({ signal, details, live, preferences, prices, now }: BodyProps) {
  const { zone, keys } = preferences;
  const { client } = live;
  const copying = useCopying();
  const every = signal.status === "open" ? OPEN_EVERY_MS : null;
  const more = details.value;
  const last = signal.status === "open" ? (prices.get(signal.symbol) ?? null) : null;
  return (
    <>
      <Chart
        signal={signal}
        details={details}
        live={live}
        preferences={preferences}
        every={every}
      />
      <div class="acting">
        <Ladder signal={signal} last={last} copying={copying} />
        <Progress signal={signal} last={last} />
        <Actions signal={signal} client={client} copying={copying} keys={keys} />
        <Said said={copying.said} />
      </div>
      {signal.status === "open" && (
        <Part title={t("alerts.card")}>
          <PriceAlerts
            symbol={signal.symbol}
            tick={signal.tick_size}
            last={last}
            client={client}
            now={now}
            levels={[
              [t("alerts.entry"), signal.entry_price],
              ["TP", signal.tp_price],
              ["SL", signal.sl_price],
            ]}
          />
        </Part>
      )}
      {signal.status === "open" && (
        <Part title={t("detail.size")}>
          <Size signal={signal} client={client} copying={copying} />
        </Part>
      )}
      <Part title={t("detail.why")}>
        <p>{why(signal)}</p>
      </Part>
      <Part title={t("detail.score", { score: score(signal.score) })}>
        <Components signal={signal} decision={more?.decision ?? null} />
      </Part>
      <Part title={t("detail.events")}>
        <Events events={signal.events} />
      </Part>
      {(signal.exits !== null || signal.progress.length > 0) && (
        <Part title={t("detail.position")}>
          <Steps signal={signal} zone={zone} />
        </Part>
      )}
      {signal.ending !== null && (
        <Part title={t("detail.outcome")}>
          <Outcome signal={signal} ending={signal.ending} zone={zone} />
        </Part>
      )}
      {more !== null && (
        <>
          <Part title={t("detail.others")}>
            <Neighbours neighbours={more.neighbours} signal={signal} zone={zone} />
          </Part>
          <Part title={t("detail.delivery")}>
            <Receipts receipts={more.receipts} zone={zone} />
          </Part>
          <Features features={more.features} tick={signal.tick_size} />
        </>
      )}
      <Part title={t("detail.details")}>
        <Record signal={signal} zone={zone} />
      </Part>
      {details.error !== null && (
        <p class="warning" role="alert">
          {t("detail.outdated", { reason: details.error })}
        </p>
      )}
    </>
  );
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
