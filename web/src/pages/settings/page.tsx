/** The operator's page: the token, who receives what, and the alarms. */

import { useState } from "preact/hooks";

import type { Client } from "../../api/client";
import { readOperator, writeOperator } from "../../browser/operator";
import { Card } from "../../components/card";
import { t } from "../../text/catalogue";
import type { PageProps } from "../props";
import { AlarmsCard } from "./alarms";
import { SubscribersCard } from "./subscribers";
import "./settings.css";

export function SettingsPage({ title, live, preferences }: PageProps) {
  const [token, setToken] = useState(readOperator);
  const choose = (next: string | null) => {
    writeOperator(next);
    setToken(next);
  };
  const operator: Client | null = token === null ? null : live.client.asOperator(token);
  return (
    <main class="page">
      <h1 class="unseen">{title}</h1>
      <div class="grid">
        <Card title={t("settings.operator")} class="full">
          <TokenForm token={token} onChoose={choose} />
        </Card>
        {operator !== null && (
          <>
            <SubscribersCard key={token} operator={operator} zone={preferences.zone} />
            <AlarmsCard
              key={token}
              operator={operator}
              client={live.client}
              zone={preferences.zone}
            />
          </>
        )}
      </div>
    </main>
  );
}

interface TokenProps {
  token: string | null;
  onChoose: (token: string | null) => void;
}

function TokenForm({ token, onChoose }: TokenProps) {
  const [text, setText] = useState("");
  return (
    <form
      class="inline"
      onSubmit={(event) => {
        event.preventDefault();
        onChoose(text.trim() || null);
        setText("");
      }}
    >
      <p class="muted note">
        {t("settings.operatorNote")} <code>signalengine operator show</code>
      </p>
      {token === null ? (
        <>
          <label>
            <span>{t("settings.operatorToken")}</span>
            <input
              type="password"
              name="operator"
              autocomplete="off"
              spellcheck={false}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </label>
          <button class="button" type="submit" disabled={text.trim() === ""}>
            {t("settings.use")}
          </button>
        </>
      ) : (
        <button class="button" type="button" onClick={() => onChoose(null)}>
          {t("settings.forget")}
        </button>
      )}
    </form>
  );
}
