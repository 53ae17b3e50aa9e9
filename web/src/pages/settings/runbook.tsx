/** A section of the runbook of this version, in a dialog: it comes with the page's files. */

import { useEffect, useState } from "preact/hooks";

import file from "../../../../docs/runbook.md?url";
import { Dialog } from "../../components/dialog";
import { Meaning } from "../../components/term";
import { t } from "../../text/catalogue";
import { sectionOf, type Block } from "./markdown";

interface Props {
  /** As an alarm names it: `docs/runbook.md#feedsilent`. */
  of: string;
  onClose: () => void;
}

export function Runbook({ of, onClose }: Props) {
  const [text, setText] = useState<string | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    fetch(file)
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error())))
      .then(setText, () => setProblem(t("frame.pageMissing")));
  }, []);
  const section = text === null ? null : sectionOf(text, of.split("#")[1] ?? "");
  return (
    <Dialog
      id="runbook"
      class="detail"
      title={section?.title ?? t("settings.whatToDo")}
      onClose={onClose}
    >
      <section class="runbook" lang="en">
        {problem !== "" && <p class="warning">{problem}</p>}
        {section?.blocks.map((block, at) => (
          <Shown key={at} block={block} />
        ))}
        {text !== null && section === null && <p class="muted">{of}</p>}
      </section>
    </Dialog>
  );
}

function Shown({ block }: { block: Block }) {
  switch (block.kind) {
    case "code":
      return (
        <pre tabIndex={0}>
          <code>{block.lines.join("\n")}</code>
        </pre>
      );
    case "list":
      return (
        <ul>
          {block.lines.map((line, at) => (
            <li key={at}>
              <Meaning text={line} />
            </li>
          ))}
        </ul>
      );
    case "text":
      return (
        <p>
          <Meaning text={block.lines.join(" ")} />
        </p>
      );
  }
}
