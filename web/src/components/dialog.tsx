/** A modal dialog, by the browser's own element: focus stays inside, and Esc closes it. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { t } from "../text/catalogue";
import { Icon } from "./icons";

interface Props {
  id: string;
  class: string;
  title: ComponentChildren;
  /** Beside the title. */
  badges?: ComponentChildren;
  onClose: () => void;
  children: ComponentChildren;
}

export function Dialog({ id, class: name, title, badges, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class={name}
      aria-labelledby={`${id}-title`}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="sheet">
        <div class="head">
          <div class="title">
            <h2 id={`${id}-title`} tabIndex={-1} autoFocus>
              {title}
            </h2>
            {badges}
          </div>
          <button
            class="button close"
            type="button"
            aria-label={t("components.close")}
            onClick={() => dialog.current?.close()}
          >
            <Icon name="close" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
