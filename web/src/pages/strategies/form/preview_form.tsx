/** The preview of chosen parameters: page by page, with its progress, until it is stopped. */

import { useEffect, useRef, useState } from "preact/hooks";

import type { Client } from "../../../api/client";
import { fetchPreview, type Preview } from "../../../api/preview";
import { t } from "../../../text/catalogue";
import type { Zone } from "../../../values/format";
import { Previewed } from "./previewed";

interface Props {
  /** The set, and the numbers that were typed. */
  name: string;
  chosen: () => Readonly<Record<string, number>>;
  client: Client;
  zone: Zone;
}

export function PreviewForm({ name, chosen, client, zone }: Props) {
  const [symbols, setSymbols] = useState("");
  const [found, setFound] = useState<Preview | null>(null);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const stop = () => {
    running.current?.abort();
    setBusy(false);
  };
  const begin = () => {
    stop();
    const cancel = new AbortController();
    running.current = cancel;
    const show = (work: () => void) => {
      if (!cancel.signal.aborted) work();
    };
    setBusy(true);
    setFailed(null);
    setFound(null);
    const page = (next: Preview) => show(() => setFound(next));
    fetchPreview(client, name, chosen(), named(symbols), page, cancel.signal)
      .catch((error: Error) => show(() => setFailed(error.message)))
      .finally(() => show(() => setBusy(false)));
  };
  const done = (found?.symbols.length ?? 0) + (found?.unknown.length ?? 0);
  const all = done + (found?.skipped.length ?? 0);
  return (
    <div class="set-preview">
      <label class="field">
        <span>
          {t("strategies.symbols")} <span class="muted">{t("strategies.allSymbols")}</span>
        </span>
        <input
          autocomplete="off"
          spellcheck={false}
          placeholder="BTCUSDT, ETHUSDT"
          value={symbols}
          onInput={(event) => setSymbols(event.currentTarget.value)}
        />
      </label>
      <p class="actions">
        <button class="button" type="button" disabled={busy} onClick={begin}>
          {t("strategies.preview")}
        </button>
        {busy && (
          <button class="button" type="button" onClick={stop}>
            {t("strategies.stop")}
          </button>
        )}
      </p>
      <div role="status" class="note">
        {busy && (found === null ? t("strategies.working") : t("strategies.doneOf", { done, all }))}
        {!busy && found !== null && found.skipped.length > 0 && (
          <>{t("strategies.stopped", { done, all })}</>
        )}
      </div>
      {busy && found !== null && (
        <progress max={all} value={done} aria-label={t("strategies.preview")} />
      )}
      {failed !== null && (
        <p class="problem" role="alert">
          {failed}
        </p>
      )}
      {found !== null && <Previewed of={found} zone={zone} />}
    </div>
  );
}

/** The symbols that were typed, apart by commas or spaces. */
function named(text: string): readonly string[] {
  const all = text.toUpperCase().split(/[\s,;]+/);
  return [...new Set(all.filter((one) => one !== ""))];
}
