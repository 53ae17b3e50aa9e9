/** Other parameters as a set in shadow: a preview, a reason, and what makes it live. */

import { useState } from "preact/hooks";

import type { Client } from "../../../api/client";
import { changeSet, type Done, type SetAction } from "../../../api/operator";
import type { SetField, SetForm } from "../../../api/set_form";
import { t } from "../../../text/catalogue";
import type { Zone } from "../../../values/format";
import { words } from "../../../values/names";
import { bounds } from "./fields";
import { PreviewForm } from "./preview_form";

interface Props {
  form: SetForm;
  /** With the operator's token. */
  client: Client;
  zone: Zone;
  onChanged: () => void;
}

export function Editor({ form, client, zone, onChanged }: Props) {
  if (!form.editable) return <PolicyForm form={form} client={client} zone={zone} />;
  return <Form form={form} client={client} zone={zone} onChanged={onChanged} />;
}

type Values = Readonly<Record<string, string>>;

/** The numbers that were typed. */
function numbers(values: Values): Readonly<Record<string, number>> {
  const typed = Object.entries(values).filter(([, text]) => text !== "");
  return Object.fromEntries(typed.map(([name, text]) => [name, Number(text)]));
}

/** Other numbers of the policy, to be previewed. */
function PolicyForm({ form, client, zone }: Omit<Props, "onChanged">) {
  const [values, setValues] = useState<Values>({});
  const fields = form.fields.filter((field) => typeof field.value === "number");
  return (
    <div class="set-editor">
      <p class="muted note">{t("strategies.policyOnly")}</p>
      <details>
        <summary>{t("strategies.policyNumbers", { n: fields.length })}</summary>
        {fields.map((field) => (
          <Parameter
            key={field.name}
            field={field}
            value={values[field.name] ?? ""}
            onInput={(text) => setValues({ ...values, [field.name]: text })}
          />
        ))}
      </details>
      <PreviewForm name={form.name} chosen={() => numbers(values)} client={client} zone={zone} />
    </div>
  );
}

/** The name of the set, what it is chosen to be, and who says why. */
function Form({ form, client, zone, onChanged }: Props) {
  const parameters = form.fields.filter((field) => field.kind === "parameter");
  const [name, setName] = useState(
    form.status === "live" ? `${form.name.split("@")[0]}@` : form.name,
  );
  const [values, setValues] = useState<Values>({});
  const [who, setWho] = useState("");
  const [why, setWhy] = useState("");
  const [done, setDone] = useState<Done | null>(null);
  const [said, setSaid] = useState("");
  const run = async (work: () => Promise<void>) => {
    setSaid(t("strategies.working"));
    setDone(null);
    await work().then(
      () => setSaid(""),
      (error: unknown) => setSaid(error instanceof Error ? error.message : String(error)),
    );
  };
  const change = (action: SetAction) =>
    run(async () => {
      const given = action === "shadow" ? { parameters: numbers(values) } : {};
      setDone(await changeSet(client, { action, name, who, why, ...given }));
      onChanged();
    });
  const isOwn = name === form.name;
  return (
    <form
      class="set-editor"
      onSubmit={(event) => {
        event.preventDefault();
        void change("shadow");
      }}
    >
      <p class="muted note">{t("strategies.shadowOnly")}</p>
      <Text name={t("strategies.setName")} value={name} onInput={setName} />
      {parameters.map((field) => (
        <Parameter
          key={field.name}
          field={field}
          value={values[field.name] ?? ""}
          onInput={(text) => setValues({ ...values, [field.name]: text })}
        />
      ))}
      <PreviewForm name={name} chosen={() => numbers(values)} client={client} zone={zone} />
      <Text name={t("strategies.who")} value={who} onInput={setWho} />
      <Text name={t("strategies.why")} value={why} onInput={setWhy} />
      <p class="actions">
        <button class="button" type="submit" disabled={who.trim() === "" || why.trim() === ""}>
          {t("strategies.makeShadow")}
        </button>
        {isOwn && form.status !== "live" && (
          <Others form={form} ready={who.trim() !== "" && why.trim() !== ""} onChange={change} />
        )}
      </p>
      <p role="status" class="note">
        {said}
      </p>
      {done !== null && <Result name={name} done={done} />}
    </form>
  );
}

interface OthersProps {
  form: SetForm;
  ready: boolean;
  onChange: (action: SetAction) => Promise<void>;
}

/** What else may be done with a set that is not live. */
function Others({ form, ready, onChange }: OthersProps) {
  const button = (action: SetAction, name: string) => (
    <button class="button" type="button" disabled={!ready} onClick={() => void onChange(action)}>
      {name}
    </button>
  );
  return (
    <>
      {form.status === "shadow" && button("pause", t("strategies.pause"))}
      {form.status === "parked" && button("resume", t("strategies.resume"))}
      {form.status !== "off" && button("remove", t("strategies.remove"))}
    </>
  );
}

function Result({ name, done }: { name: string; done: Done }) {
  return (
    <div class="set-done">
      <p>{t("strategies.done", { name, status: words(done.status) })}</p>
      <ul>
        {done.notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      {done.status === "shadow" && (
        <p>
          {t("strategies.live")} <code>{done.command}</code>
        </p>
      )}
    </div>
  );
}

interface TextProps {
  name: string;
  value: string;
  onInput: (value: string) => void;
}

function Text({ name, value, onInput }: TextProps) {
  return (
    <label class="field">
      <span>{name}</span>
      <input
        maxLength={500}
        autocomplete="off"
        spellcheck={false}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}

function Parameter({ field, value, onInput }: Omit<TextProps, "name"> & { field: SetField }) {
  return (
    <label class="field">
      <span>
        {field.name} <span class="muted">{bounds(field)}</span>
      </span>
      <input
        type="number"
        step={field.whole ? 1 : "any"}
        placeholder={String(field.value)}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}
