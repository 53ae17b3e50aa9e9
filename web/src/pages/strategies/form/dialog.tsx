/** One parameter set in full: its numbers, what differs, its changes, and other parameters. */

import type { Client } from "../../../api/client";
import { fetchForm, type SetForm } from "../../../api/set_form";
import { readOperator } from "../../../browser/operator";
import { Loaded } from "../../../components/card";
import { Dialog } from "../../../components/dialog";
import { later } from "../../../components/later";
import { href } from "../../../routing/address";
import { useResource } from "../../../state/resource";
import { t } from "../../../text/catalogue";
import type { Zone } from "../../../values/format";
import { evidenceText, words } from "../../../values/names";
import { Fields } from "./fields";
import { History } from "./history";

const Editor = later(async () => (await import("./editor")).Editor);

/** The policy of the stack: it may be previewed with other numbers, and not be changed. */
const POLICY = "classic";

interface Props {
  name: string;
  client: Client;
  zone: Zone;
  onClose: () => void;
  /** The set, or another one, was changed. */
  onChanged: () => void;
}

export function FormDialog({ name, client, zone, onClose, onChanged }: Props) {
  const form = useResource(name, (cancel) => fetchForm(client, name, cancel), null);
  const changed = () => {
    form.reload();
    onChanged();
  };
  return (
    <Dialog id="set" class="detail" title={name} onClose={onClose}>
      <Loaded of={form} rows={8}>
        {(value) => (
          <>
            <About form={value} />
            <section>
              <h3>{t("strategies.numbers")}</h3>
              <Fields fields={value.fields} />
            </section>
            <section>
              <h3>{t("strategies.change")}</h3>
              <Change form={value} client={client} zone={zone} onChanged={changed} />
            </section>
            <section>
              <h3>{t("strategies.history")}</h3>
              <History changes={value.history} zone={zone} />
            </section>
          </>
        )}
      </Loaded>
    </Dialog>
  );
}

interface ChangeProps {
  form: SetForm;
  client: Client;
  zone: Zone;
  onChanged: () => void;
}

/** What an operator can change or preview; only an operator loads it. */
function Change({ form, client, zone, onChanged }: ChangeProps) {
  const operator = readOperator();
  if (!form.editable && form.name !== POLICY)
    return <p class="muted">{t("strategies.byDeployment")}</p>;
  if (operator === null) {
    return (
      <p class="muted">
        {t("strategies.readOnly")} <a href={href("settings")}>{t("strategies.enterToken")}</a>
      </p>
    );
  }
  const own = client.asOperator(operator);
  return <Editor form={form} client={own} zone={zone} onChanged={onChanged} />;
}

function About({ form }: { form: SetForm }) {
  const differing = form.fields.filter((field) => field.differs).length;
  return (
    <section>
      <p>{form.about}</p>
      {form.problem !== "" && <p class="warning">{form.problem}</p>}
      {form.evidence !== "" && <p>{evidenceText(form.evidence)}</p>}
      <p class="muted note">
        {t("strategies.facts", {
          status: words(form.status),
          digest: form.digest,
          every: form.every,
        })}{" "}
        {t("strategies.differing", { n: differing })}
      </p>
    </section>
  );
}
