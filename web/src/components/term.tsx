/** A word with its explanation: a button that opens it, by pointer, touch or keyboard. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { href } from "../routing/address";
import { t } from "../text/catalogue";
import { glossary, type Term as Explained } from "../text/glossary";

/** Between the word and its explanation, px; and from the edges of the window. */
const GAP = 6;
export const GLOSSARY_PATH = "glossary";

interface Props {
  /** Its anchor in the glossary: `win-rate`. */
  of: string;
  children: ComponentChildren;
}

export function Term({ of, children }: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button
        ref={button}
        class="term"
        type="button"
        aria-expanded={open}
        aria-haspopup="dialog"
        onClick={() => setOpen(!open)}
      >
        {children}
      </button>
      {open && <Explanation of={of} at={button.current} onClose={() => setOpen(false)} />}
    </>
  );
}

interface ExplanationProps {
  of: string;
  at: HTMLElement | null;
  onClose: () => void;
}

/** In the browser's top layer: it moves nothing, and Esc or a click elsewhere closes it. */
function Explanation({ of, at, onClose }: ExplanationProps) {
  const [term, setTerm] = useState<Explained | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    void glossary().then((terms) => setTerm(terms.find(({ anchor }) => anchor === of) ?? null));
  }, [of]);
  useEffect(() => {
    const element = box.current;
    if (element === null || at === null || term === null) return;
    if (!element.matches(":popover-open")) element.showPopover();
    place(element, at.getBoundingClientRect());
  }, [term]);
  return (
    <div
      ref={box}
      class="explanation"
      popover="auto"
      role="dialog"
      aria-label={term?.word ?? ""}
      onToggle={(event) => event.newState === "closed" && onClose()}
    >
      {term !== null && (
        <>
          <p>
            <strong>{term.word}</strong>
          </p>
          <p>
            <Meaning text={term.meaning} />
          </p>
          <p>
            <a href={href(GLOSSARY_PATH, {}, term.anchor)} onClick={onClose}>
              {t("glossary.more")}
            </a>
          </p>
        </>
      )}
    </div>
  );
}

/** Below the word, or above it where there is no room; inside the window. */
function place(element: HTMLElement, word: DOMRect): void {
  const { width, height } = element.getBoundingClientRect();
  const right = window.innerWidth - width - GAP;
  const below = word.bottom + GAP;
  const top = below + height <= window.innerHeight ? below : word.top - height - GAP;
  element.style.left = `${Math.max(GAP, Math.min(word.left, right))}px`;
  element.style.top = `${Math.max(GAP, top)}px`;
}

/** A text with its code, which is in backticks. */
export function Meaning({ text }: { text: string }) {
  const parts = text.split("`");
  return <>{parts.map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}</>;
}
