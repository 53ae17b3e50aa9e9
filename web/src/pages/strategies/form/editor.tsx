/** Other parameters as a set in shadow: a preview, a reason, and what makes it live. */

import { useState } from "preact/hooks";

import type { Client } from "../../../api/client";
import {
  changeSet,
  fetchPreview,
  type Done,
  type Preview,
  type SetAction,
} from "../../../api/operator";
import type { SetField, SetForm } from "../../../api/set_form";
import { t } from "../../../text/catalogue";
import { words } from "../../../values/names";
import { Previewed } from "./previewed";
import { bounds } from "./fields";

interface Props {
  form: SetForm;
  /** With the operator's token. */
  client: Client;
  onChanged: () => void;
}

/** The name of the set, what it is chosen to be, and who says why. */
export function Editor({ form, client, onChanged }: Props) {
  const parameters = form.fields.filter((field) => field.kind === "parameter");
  const [name, setName] = useState(
    form.status === "live" ? `${form.name.split("@")[0]}@` : form.name,
  );
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [who, setWho] = useState("");
  const [why, setWhy] = useState("");
  const [preview, setPreview] = useState<Preview | null>(null);
  const [done, setDone] = useState<Done | null>(null);
  const [said, setSaid] = useState("");
  const chosen = () =>
    Object.fromEntries(
      Object.entries(values)
        .filter(([, text]) => text !== "")
        .map(([key, text]) => [key, Number(text)]),
    );
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
      const given = action === "shadow" ? { parameters: chosen() } : {};
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
      <p class="actions">
        <button
          class="button"
          type="button"
          onClick={() =>
            void run(async () => setPreview(await fetchPreview(client, name, chosen())))
          }
        >
          {t("strategies.preview")}
        </button>
      </p>
      {preview !== null && <Previewed of={preview} />}
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
