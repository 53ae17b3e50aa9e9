/** The form that asks for signals by e-mail, where everybody may; a link in a mail confirms it. */

import { useEffect, useState } from "preact/hooks";

import type { Client } from "../../api/client";
import { ApiError } from "../../api/client";
import { requestEmail, fetchEmailOffer, type EmailOutcome, type EmailOffer } from "../../api/email";
import { USUAL } from "../../api/push";
import { language, t } from "../../text/catalogue";
import { Labelled, Received } from "./received";

export function EmailSettings({ client }: { client: Client }) {
  const [offer, setOffer] = useState<EmailOffer>("none");
  useEffect(() => {
    const cancel = new AbortController();
    void fetchEmailOffer(client, cancel.signal).then(setOffer);
    return () => cancel.abort();
  }, [client]);
  if (offer === "none") return null;
  return (
    <details class="email">
      <summary>{t("email.title")}</summary>
      {offer === "full" ? <p class="muted note">{t("email.full")}</p> : <Form client={client} />}
    </details>
  );
}

function Form({ client }: { client: Client }) {
  const [address, setAddress] = useState("");
  const [wanted, setWanted] = useState(() => ({ ...USUAL, timezone: zone() }));
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<EmailOutcome | { readonly problem: string } | null>(null);
  const ask = async () => {
    setBusy(true);
    setSaid(null);
    const request = requestEmail(client, address.trim(), { ...wanted, language: language() });
    setSaid(await request.catch((error: unknown) => ({ problem: message(error) })));
    setBusy(false);
  };
  const sent = said === "sent";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void ask();
      }}
    >
      <p class="muted note">{t("email.note")}</p>
      <Received
        name={t("email.receives")}
        wanted={wanted}
        busy={busy}
        onChange={(changes) => setWanted((before) => ({ ...before, ...changes }))}
      >
        <Labelled name={t("email.address")}>
          <input
            type="email"
            aria-label={t("email.address")}
            autocomplete="email"
            required
            maxLength={254}
            value={address}
            onInput={(event) => setAddress(event.currentTarget.value)}
          />
        </Labelled>
      </Received>
      <p class="actions">
        <button class="button" type="submit" disabled={busy}>
          {t("email.ask")}
        </button>
      </p>
      {said !== null && (
        <p class={sent ? "note" : "warning"} role={sent ? "status" : "alert"}>
          {typeof said === "string" ? t(`email.${said}`) : said.problem}
        </p>
      )}
    </form>
  );
}

function zone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function message(error: unknown): string {
  return error instanceof ApiError ? error.message : String(error);
}
