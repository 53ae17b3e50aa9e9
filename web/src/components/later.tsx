/** A component whose code is loaded when it is first shown. */

import { createElement, type ComponentType, type FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";

import { t } from "../text/catalogue";

/** Until then a line says so, and where a later deployment removed the file, that as well. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>) {
  let known: ComponentType<P> | null = null;
  const Later: FunctionComponent<P> = (props) => {
    const [state, setState] = useState<"waiting" | "there" | "missing">(
      known === null ? "waiting" : "there",
    );
    useEffect(() => {
      if (known !== null) return;
      load().then(
        (code) => {
          known = code;
          setState("there");
        },
        () => setState("missing"),
      );
    }, []);
    if (known !== null) return createElement(known, props);
    return (
      <p class={state === "missing" ? "warning" : "muted note"}>
        {t(state === "missing" ? "frame.pageMissing" : "signals.loadingOlder")}
      </p>
    );
  };
  return Later;
}
