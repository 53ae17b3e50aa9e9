/** The form of other rules: an empty field keeps what each signal had. */

import type { Rules } from "../../api/what_if";
import { t } from "../../text/catalogue";

/** The texts of the fields. */
export type Fields = Readonly<Record<keyof Rules, string>>;

export const NO_RULES: Fields = { tp: "", sl: "", ttl_minutes: "", threshold: "" };

const INPUTS = [
  { name: "tp", text: "performance.tp_atr", min: 0.05, max: 20, step: 0.05 },
  { name: "sl", text: "performance.sl_atr", min: 0.05, max: 20, step: 0.05 },
  { name: "ttl_minutes", text: "performance.ttl_minutes", min: 1, max: 1440, step: 1 },
  { name: "threshold", text: "performance.threshold", min: 0, max: 1, step: 0.01 },
] as const;

interface Props {
  fields: Fields;
  busy: boolean;
  onChange: (fields: Fields) => void;
  onSubmit: () => void;
}

export function RulesForm({ fields, busy, onChange, onSubmit }: Props) {
  return (
    <form
      class="rules-form"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {INPUTS.map(({ name, text, min, max, step }) => (
        <label key={name}>
          <span>{t(text)}</span>
          <input
            type="number"
            inputMode="decimal"
            min={min}
            max={max}
            step={step}
            placeholder={t("performance.as_published")}
            value={fields[name]}
            onInput={(event) => onChange({ ...fields, [name]: event.currentTarget.value })}
          />
        </label>
      ))}
      <button class="button" type="submit" disabled={busy}>
        {t("performance.try")}
      </button>
    </form>
  );
}

export function readRules(fields: Fields): Rules {
  const read = (text: string) => (text.trim() === "" ? null : Number(text));
  return {
    tp: read(fields.tp),
    sl: read(fields.sl),
    ttl_minutes: read(fields.ttl_minutes),
    threshold: read(fields.threshold),
  };
}
