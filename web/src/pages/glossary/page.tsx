/** The glossary: every trading word with its meaning, each at an address of its own. */

import { useEffect } from "preact/hooks";

import { Loaded } from "../../components/card";
import { GLOSSARY_PATH, Meaning } from "../../components/term";
import { href } from "../../routing/address";
import { useResource } from "../../state/resource";
import { language, t } from "../../text/catalogue";
import { glossary, type Term } from "../../text/glossary";
import type { PageProps } from "../props";
import "./glossary.css";

export function GlossaryPage({ title, address }: PageProps) {
  const terms = useResource(language(), glossary);
  return (
    <main class="page glossary">
      <div class="page-head">
        <h1>{title}</h1>
      </div>
      <p class="muted">{t("glossary.about")}</p>
      <Loaded of={terms} rows={8}>
        {(list) => <Terms terms={list} chosen={address.id} />}
      </Loaded>
    </main>
  );
}

function Terms({ terms, chosen }: { terms: readonly Term[]; chosen: string | null }) {
  useEffect(() => {
    const element = chosen === null ? null : document.getElementById(`term-${chosen}`);
    element?.scrollIntoView({ block: "center" });
    element?.querySelector("a")?.focus({ preventScroll: true });
  }, [chosen]);
  return (
    <dl>
      {terms.map(({ anchor, word, meaning }) => (
        <div key={anchor} id={`term-${anchor}`} class={anchor === chosen ? "chosen" : ""}>
          <dt>
            <a href={href(GLOSSARY_PATH, {}, anchor)}>{word}</a>
          </dt>
          <dd>
            <Meaning text={meaning} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
