/** What is received: symbols, scores, how loud, and when not. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { LOUDNESS, type Loudness, type Preferences } from "../../api/push";
import { Select } from "../../components/select";
import { Switch } from "../../components/switch";
import { symbolsIn } from "../../state/push";
import { t } from "../../text/catalogue";
import { score } from "../../values/format";

const SCORES = [0, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

interface Props {
  /** Of the group of fields. */
  name: string;
  wanted: Preferences;
  busy: boolean;
  onChange: (changes: Partial<Preferences>) => void;
  /** Fields above these. */
  children?: ComponentChildren;
}

export function Received({ name, wanted, busy, onChange, children }: Props) {
  const loud = LOUDNESS.map((one) => [one, t(`push.loud_${one}`)] as const);
  return (
    <fieldset class="push" disabled={busy}>
      <legend class="unseen">{name}</legend>
      {children}
      <Symbols of={wanted.symbols} onChange={(symbols) => onChange({ symbols })} />
      <Labelled name={t("push.score")}>
        <Select
          name={t("push.score")}
          value={String(wanted.min_score)}
          options={SCORES.map((one) => [String(one), one === 0 ? t("push.any") : score(one)])}
          onChange={(chosen) => onChange({ min_score: Number(chosen) })}
        />
      </Labelled>
      <Labelled name={t("push.openings")}>
        <Select
          name={t("push.openings")}
          value={wanted.opened}
          options={loud}
          onChange={(opened: Loudness) => onChange({ opened })}
        />
      </Labelled>
      <Labelled name={t("push.closings")}>
        <Select
          name={t("push.closings")}
          value={wanted.closed}
          options={loud}
          onChange={(closed: Loudness) => onChange({ closed })}
        />
      </Labelled>
      <Quiet wanted={wanted} onChange={onChange} />
    </fieldset>
  );
}

interface SymbolsProps {
  of: readonly string[];
  onChange: (symbols: readonly string[]) => void;
}

/** The text as it is typed, until the field is left. */
function Symbols({ of, onChange }: SymbolsProps) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <Labelled name={t("push.symbols")}>
      <input
        type="text"
        aria-label={t("push.symbols")}
        placeholder={t("push.allSymbols")}
        spellcheck={false}
        value={typed ?? of.join(", ")}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={(event) => {
          onChange(symbolsIn(event.currentTarget.value));
          setTyped(null);
        }}
      />
    </Labelled>
  );
}

/** The hours without a message, and whether a digest follows on them. */
function Quiet({ wanted, onChange }: Pick<Props, "wanted" | "onChange">) {
  const [start, end] = wanted.quiet ?? [22, 7];
  const hours = HOURS.map((hour) => [String(hour), `${String(hour).padStart(2, "0")}:00`] as const);
  return (
    <>
      <Switch
        name={t("push.quiet")}
        note={t("push.quietNote", { zone: wanted.timezone })}
        on={wanted.quiet !== null}
        onChange={(on) => onChange({ quiet: on ? [start, end] : null })}
      />
      {wanted.quiet !== null && (
        <>
          <p class="labelled hours">
            <Select
              name={t("push.quietFrom")}
              value={String(start)}
              options={hours.filter(([hour]) => hour !== String(end))}
              onChange={(hour) => onChange({ quiet: [Number(hour), end] })}
            />
            <span class="muted">–</span>
            <Select
              name={t("push.quietTo")}
              value={String(end)}
              options={hours.filter(([hour]) => hour !== String(start))}
              onChange={(hour) => onChange({ quiet: [start, Number(hour)] })}
            />
          </p>
          <Switch
            name={t("push.digest")}
            note={t("push.digestNote")}
            on={wanted.digest_after_quiet}
            onChange={(on) => onChange({ digest_after_quiet: on })}
          />
        </>
      )}
    </>
  );
}

export function Labelled({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <p class="labelled">
      <span>{name}</span>
      {children}
    </p>
  );
}
