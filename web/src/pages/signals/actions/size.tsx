/** Position size for an open signal, from numbers that stay in this browser. */

import { useState } from "preact/hooks";

import { fetchFollowed, type Followed } from "../../../api/market";
import type { Client } from "../../../api/client";
import { stored, store } from "../../../browser/storage";
import { Fact } from "../../../components/fact";
import { useResource } from "../../../state/resource";
import { dollars, known, plain, price } from "../../../values/format";
import { MAINTENANCE_RATE, positionSize, type PositionSize } from "../../../values/position_size";
import type { Signal } from "../../../values/signal";
import { CopyButton, type Copying } from "./copying";
import { nothingText, planOf, quantityText, tooSmall, type Wanted } from "./planned";

const FIELDS = [
  { name: "account", title: "Account, in quote currency", initial: "" },
  { name: "risk", title: "Risk, % of the account", initial: "1" },
  { name: "leverage", title: "Leverage (empty: the least)", initial: "" },
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
        {FIELDS.map(({ name, title }) => (
          <label key={name}>
            <span class="muted">{title}</span>
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
          <p class="muted">{followed.error ?? "Loading the lot sizes and costs…"}</p>
        ) : (
          <Answer signal={signal} wanted={wanted} followed={followed.value} copying={copying} />
        )}
      </div>
      <p class="muted">
        Arithmetic, not advice: a gap through the stop loses more. The numbers stay in this browser.
      </p>
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
  if (typeof plan === "string") return <p class="warning">{plan}</p>;
  const size = positionSize(plan);
  if (typeof size === "string") return <p class="warning">{size}</p>;
  if (size.quantity === 0) return <p class="warning">{nothingText(plan, size)}</p>;
  const small = tooSmall(size, lot);
  return (
    <>
      <Result size={size} tick={signal.tick_size} copying={copying} />
      {size.limited && <p class="muted">The margin limits it: the risk alone would allow more.</p>}
      {lot === null && <p class="muted">The lot size is not known: round the quantity down.</p>}
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
  const rate = `${plain(MAINTENANCE_RATE * 100)}% maintenance margin (assumed)`;
  return (
    <dl class="facts">
      <Fact
        name="Quantity"
        value={
          <CopyButton copying={copying} name={`the quantity, ${quantity}`} text={quantity}>
            {quantity}
          </CopyButton>
        }
      />
      <Fact name="Worth at the entry" value={dollars(size.notional)} />
      <Fact
        name="Loss at the stop, with costs"
        value={`${dollars(size.loss)}, ${size.loss_pct.toFixed(2)}% of the account`}
      />
      <Fact name="Isolated margin" value={`${dollars(size.margin)} at ${size.leverage}x`} />
      <Fact name="Leverage at most" value={`${size.leverage_cap}x`} />
      <Fact
        name={`Liquidation near, with ${rate}`}
        value={known(size.liquidation, (x) => price(x, tick))}
      />
    </dl>
  );
}
