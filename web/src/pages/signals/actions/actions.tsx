/** What to do with a signal: copy it, share it, look at its symbol elsewhere. */

import { useState } from "preact/hooks";

import type { Client } from "../../../api/client";
import { drawn, save } from "../../../browser/files";
import { useKeys } from "../../../browser/keys";
import { signalsHref } from "../../../routing/view";
import { t } from "../../../text/catalogue";
import type { Signal } from "../../../values/signal";
import { venues } from "../../../values/venues";
import { CopyButton, type Copying } from "./copying";
import { wholeText } from "./levels";

/** Pixels of the PNG for each of the picture's own. */
const SCALE = 2;

interface Props {
  signal: Signal;
  client: Client;
  copying: Copying;
  /** Single-key shortcuts. */
  keys: boolean;
}

export function Actions({ signal, client, copying, keys }: Props) {
  const link = new URL(signalsHref({}, signal.id), document.baseURI).href;
  const whole = wholeText(signal, link);
  useKeys(keys, { c: () => copying.copy(t("actions.theSignal"), whole) });
  const real = (name: string) =>
    signal.market === "live" ? name : t("actions.realMarket", { name });
  return (
    <div class="actions">
      <CopyButton copying={copying} name={t("actions.theSignal")} text={whole} class="button small">
        {t("actions.copySignal")}
      </CopyButton>
      <CopyButton copying={copying} name={t("actions.theLink")} text={link} class="button small">
        {t("actions.copyLink")}
      </CopyButton>
      <Picture signal={signal} client={client} copying={copying} />
      {venues(signal.symbol).map(({ name, url }) => (
        <a
          key={name}
          class="button small"
          href={url}
          target="_blank"
          rel="noreferrer"
          aria-label={t("actions.newTab", { name: real(name), symbol: signal.symbol })}
        >
          {real(name)}
        </a>
      ))}
    </div>
  );
}

/** The picture from the API, as SVG, or as PNG that the page itself draws. */
function Picture({ signal, client, copying }: Omit<Props, "keys">) {
  const [busy, setBusy] = useState(false);
  const fetched = async (format: "SVG" | "PNG") => {
    setBusy(true);
    try {
      const svg = await client.file(`/signals/${signal.id}/image.svg`);
      const name = `${signal.symbol}-${signal.id}.${format.toLowerCase()}`;
      save(format === "SVG" ? svg : await drawn(svg, SCALE), name);
      copying.say(t("actions.saved", { name }));
    } catch (error) {
      copying.say(t("actions.notDrawn", { reason: (error as Error).message }));
    }
    setBusy(false);
  };
  return (["SVG", "PNG"] as const).map((format) => (
    <button
      key={format}
      class="button small"
      type="button"
      disabled={busy}
      title={t("actions.savePicture", { format })}
      onClick={() => void fetched(format)}
    >
      {t("actions.picture", { format })}
    </button>
  ));
}
