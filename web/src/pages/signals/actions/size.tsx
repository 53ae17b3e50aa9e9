/** Position size for an open signal, from numbers that stay in this browser. */

import { useState } from "preact/hooks";

import { fetchFollowed, type Followed } from "../../../api/market";
import type { Client } from "../../../api/client";
import { stored, store } from "../../../browser/storage";
import { Fact } from "../../../components/fact";
import { useResource } from "../../../state/resource";
import { t } from "../../../text/catalogue";
import { dollars, known, percentOf, price, share } from "../../../values/format";
import { MAINTENANCE_RATE, positionSize, type PositionSize } from "../../../values/position_size";
import { reason } from "../../../values/reasons";
import type { Signal } from "../../../values/signal";
import { CopyButton, type Copying } from "./copying";
import { nothingText, planOf, quantityText, tooSmall, type Wanted } from "./planned";

const FIELDS = [
  { name: "account", initial: "" },
  { name: "risk", initial: "1" },
  { name: "leverage", initial: "" },
] as const;

interface Props {
  signal: Signal;
  client: Client;
  copying: Copying;
}

export function Size({ signal, client, copying }: Props) {
  const [wanted, setWanted] = useState<Wanted>(remembered);
  const followed = useResource("followed", (cancel) => fetchFollowed(client, cancel));
  const change = (name: keyof Wanted, value: string) => {
    setWanted((before) => ({ ...before, [name]: value }));
    store(`size.${name}`, value || null);
  };
  return (
    <div class="size">
      <div class="fields">
        {FIELDS.map(({ name }) => (
          <label key={name}>
            <span class="muted">{t(`actions.${name}`)}</span>
            <input
              inputMode="decimal"
              autocomplete="off"
              value={wanted[name]}
              onInput={(event) => change(name, event.currentTarget.value)}
            />
          </label>
        ))}
      </div>
      <div aria-live="polite">
        {followed.value === null ? (
          <p class="muted">{followed.error ?? t("actions.loadingLots")}</p>
        ) : (
          <Answer signal={signal} wanted={wanted} followed={followed.value} copying={copying} />
        )}
      </div>
      <p class="muted">{t("actions.arithmetic")}</p>
    </div>
  );
}

function remembered(): Wanted {
  const value = (name: string, initial: string) => stored(`size.${name}`) ?? initial;
  const [account, risk, leverage] = FIELDS.map(({ name, initial }) => value(name, initial));
  return { account: account ?? "", risk: risk ?? "", leverage: leverage ?? "" };
}

interface AnswerProps {
  signal: Signal;
  wanted: Wanted;
  followed: Followed;
  copying: Copying;
}

function Answer({ signal, wanted, followed, copying }: AnswerProps) {
  const lot = followed.lots.get(signal.symbol) ?? null;
  const plan = planOf(signal, wanted, followed);
  if (typeof plan === "string") {
    const empty = plan === t("actions.enterAccount"); // nothing is wrong yet
    return <p class={empty ? "muted" : "warning"}>{plan}</p>;
  }
  const size = positionSize(plan);
  if (typeof size === "string") return <p class="warning">{reason(size)}</p>;
  if (size.quantity === 0) return <p class="warning">{nothingText(plan, size)}</p>;
  const small = tooSmall(size, lot);
  return (
    <>
      <Result size={size} tick={signal.tick_size} copying={copying} />
      {size.limited && <p class="muted">{t("actions.limited")}</p>}
      {lot === null && <p class="muted">{t("actions.noLot")}</p>}
      {small !== null && <p class="warning">{small}</p>}
    </>
  );
}

interface ResultProps {
  size: PositionSize;
  tick: number | null;
  copying: Copying;
}

function Result({ size, tick, copying }: ResultProps) {
  const quantity = quantityText(size.quantity);
  const rate = t("actions.maintenance", { rate: share(MAINTENANCE_RATE) });
  return (
    <dl class="facts">
      <Fact
        name={t("actions.quantity")}
        value={
          <CopyButton
            copying={copying}
            name={`${t("actions.theQuantity")}, ${quantity}`}
            text={quantity}
          >
            {quantity}
          </CopyButton>
        }
      />
      <Fact name={t("actions.worth")} value={dollars(size.notional)} />
      <Fact
        name={t("actions.loss")}
        value={t("actions.ofAccount", {
          loss: dollars(size.loss),
          share: percentOf(size.loss_pct),
        })}
      />
      <Fact
        name={t("actions.margin")}
        value={t("actions.at", { margin: dollars(size.margin), leverage: `${size.leverage}x` })}
      />
      <Fact name={t("actions.leverageCap")} term="leverage-cap" value={`${size.leverage_cap}x`} />
      <Fact
        name={t("actions.liquidation", { rate })}
        value={known(size.liquidation, (x) => price(x, tick))}
      />
    </dl>
  );
}
