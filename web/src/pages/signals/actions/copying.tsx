/** Copying: buttons that copy a text, and the line that says so, also to screen readers. */

import type { ComponentChildren } from "preact";
import { useCallback, useState } from "preact/hooks";

import { copyText } from "../../../browser/clipboard";
import { Icon } from "../../../components/icons";
import { t } from "../../../text/catalogue";

export interface Copying {
  /** What was done last; empty before. */
  readonly said: string;
  /** Copy a text, which is called `name` in what is said. */
  copy(name: string, text: string): void;
  say(said: string): void;
}

export function useCopying(): Copying {
  const [said, say] = useState("");
  const copy = useCallback(async (name: string, text: string) => {
    const done = await copyText(text);
    say(t(done ? "actions.copied" : "actions.cannotCopy", { name }));
  }, []);
  return { said, say, copy: (name, text) => void copy(name, text) };
}

/** It has its height before anything is said: nothing moves. */
export function Said({ said }: { said: string }) {
  return (
    <p class="said muted" role="status">
      {said}
    </p>
  );
}

interface Props {
  copying: Copying;
  /** What is copied, for the announcement: `the entry, 63438.2`. */
  name: string;
  text: string;
  class?: string;
  children: ComponentChildren;
}

export function CopyButton({ copying, name, text, class: look = "", children }: Props) {
  return (
    <button
      class={`copy ${look}`}
      type="button"
      title={t("actions.copy", { name })}
      onClick={() => copying.copy(name, text)}
    >
      {children}
      <Icon name="copy" />
    </button>
  );
}
