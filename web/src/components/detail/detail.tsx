/** One signal in full: why it fired, what it was made of, how it ended. A drawer from the right. */

import type { ComponentChildren } from "preact";

import { explain, type Explained } from "../../api/explain";
import { score } from "../../format";
import type { PageProps } from "../../pages/page";
import { useResource, type Resource } from "../../resource";
import type { Prices } from "../../rows";
import type { Signal } from "../../signal";
import { why } from "../../why";
import { Bones } from "../card";
import { Dialog } from "../dialog";
import { Pnl } from "../signals_table";
import { DirectionBadge, StatusBadge } from "../status";
import { Chart } from "./chart";
import { Components } from "./components";
import { Events } from "./events";
import { Features } from "./features";
import { Ladder } from "./ladder";
import { Neighbours } from "./neighbours";
import { Outcome } from "./outcome";
import { Receipts } from "./receipts";
import { Record } from "./record";

interface Props extends PageProps {
  id: string;
  prices: Prices;
  onClose: () => void;
}

/** While a signal is open, its bars and receipts still grow. */
const OPEN_EVERY_MS = 20_000;

export function Detail(props: Props) {
  const { id, state, live, prices } = props;
  const known = state.signals.get(id);
  const every = known === undefined || known.status === "open" ? OPEN_EVERY_MS : null;
  const key = `${id} ${known?.status ?? ""}`;
  const account = useResource(key, (cancel) => explain(live.client, id, cancel), every);
  const signal = known ?? account.value?.signal;
  const last = signal?.status === "open" ? (prices.get(signal.symbol) ?? null) : null;
  const badges = signal !== undefined && (
    <>
      <DirectionBadge direction={signal.direction} />
      <StatusBadge signal={signal} />
      <Pnl signal={signal} last={last} />
    </>
  );
  return (
    <Dialog
      id="detail"
      class="detail"
      title={signal?.symbol ?? "Signal"}
      badges={badges}
      onClose={props.onClose}
    >
      {signal === undefined ? (
        <Unknown error={account.error} />
      ) : (
        <Body {...props} signal={signal} account={account} />
      )}
    </Dialog>
  );
}

function Unknown({ error }: { error: string | null }) {
  if (error === null) return <Bones rows={6} />;
  return (
    <div role="alert">
      <p>This signal is not among those loaded.</p>
      <p class="warning">{error}</p>
    </div>
  );
}

type BodyProps = Props & { signal: Signal; account: Resource<Explained> };

function Body({ signal, account, live, preferences, prices }: BodyProps) {
  const { zone } = preferences;
  const every = signal.status === "open" ? OPEN_EVERY_MS : null;
  const more = account.value;
  const last = signal.status === "open" ? (prices.get(signal.symbol) ?? null) : null;
  return (
    <>
      <Chart
        signal={signal}
        account={account}
        live={live}
        preferences={preferences}
        every={every}
      />
      <Ladder signal={signal} last={last} />
      <Part title="Why">
        <p>{why(signal)}</p>
      </Part>
      <Part title={`Score ${score(signal.score)}`}>
        <Components signal={signal} decision={more?.decision ?? null} />
      </Part>
      <Part title="Events of this bar">
        <Events events={signal.events} />
      </Part>
      {signal.ending !== null && (
        <Part title="Outcome">
          <Outcome signal={signal} ending={signal.ending} zone={zone} />
        </Part>
      )}
      {more !== null && (
        <>
          <Part title="Half an hour around it">
            <Neighbours neighbours={more.neighbours} signal={signal} zone={zone} />
          </Part>
          <Part title="Delivery">
            <Receipts receipts={more.receipts} zone={zone} />
          </Part>
          <Features features={more.features} />
        </>
      )}
      <Part title="Details">
        <Record signal={signal} zone={zone} />
      </Part>
      {account.error !== null && (
        <p class="warning" role="alert">
          Receipts, neighbours and bars are missing or old: {account.error}
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
