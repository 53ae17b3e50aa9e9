/** Past signals under other rules, settled again by the engine: hindsight, and marked as that. */

import { useEffect, useRef, useState } from "preact/hooks";

import type { Study } from "../../api/performance";
import { fetchWhatIf, type Rules, type WhatIf } from "../../api/what_if";
import { session, store, stored } from "../../browser/storage";
import { Card } from "../../components/card";
import type { Live } from "../../state/live";
import { t } from "../../text/catalogue";
import type { Zone } from "../../values/format";
import { NO_RULES, readRules, RulesForm, type Fields } from "./rules_form";
import { Outcome } from "./what_if_outcome";

const TRIES = "what-if-tries";

interface Props {
  study: Study;
  live: Live;
  zone: Zone;
}

interface State {
  /** The rules of what is shown; null before the first try. */
  readonly rules: Rules | null;
  readonly found: WhatIf | null;
  readonly busy: boolean;
  readonly error: string | null;
  /** Tries in this tab, this one included. */
  readonly tries: number;
}

export function WhatIfCard({ study, live, zone }: Props) {
  const [fields, setFields] = useState<Fields>(NO_RULES);
  const [state, setState] = useState<State>(() => ({
    rules: null,
    found: null,
    busy: false,
    error: null,
    tries: triesBefore(),
  }));
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const read = (rules: Rules, tries: number, before: WhatIf | null) => {
    running.current?.abort();
    const cancel = new AbortController();
    running.current = cancel;
    const show = (change: Partial<State>) => {
      if (!cancel.signal.aborted) setState((last) => ({ ...last, ...change }));
    };
    setState({ rules, found: before, busy: true, error: null, tries });
    fetchWhatIf(live.client, study, rules, cancel.signal, (found) => show({ found }), before)
      .then((found) => show({ found, busy: false }))
      .catch((failure: Error) => show({ busy: false, error: failure.message }));
  };
  const begin = () => {
    const tries = triesBefore() + 1;
    store(TRIES, String(tries), session);
    read(readRules(fields), tries, null);
  };
  const { rules, found } = state;
  return (
    <Card
      title={t("performance.what_if")}
      class="full what-if"
      aside={<span class="badge hindsight">{t("performance.hindsight")}</span>}
    >
      <p class="note">{t("performance.what_if_about")}</p>
      <RulesForm fields={fields} busy={state.busy} onChange={setFields} onSubmit={begin} />
      <div role="status" class="note">
        {state.busy && t("performance.settling", { n: found?.count ?? 0 })}
        {!state.busy && state.tries > 0 && t("performance.tries", { n: state.tries })}
      </div>
      {state.error !== null && (
        <p class="problem" role="alert">
          {state.error}
        </p>
      )}
      {found !== null && rules !== null && (
        <Outcome
          found={found}
          threshold={rules.threshold}
          zone={zone}
          busy={state.busy}
          onMore={() => read(rules, state.tries, found)}
        />
      )}
    </Card>
  );
}

function triesBefore(): number {
  const count = Number(stored(TRIES, session) ?? 0);
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}
