/** The page at the address; its place while its code is loaded, and a notice where it is missing. */

import { useEffect, useReducer, useState } from "preact/hooks";

import type { PageProps } from "../pages/props";
import type { PageEntry } from "../pages/registry";
import { t } from "../text/catalogue";

interface Props extends Omit<PageProps, "title"> {
  page: PageEntry;
}

export function PageSlot({ page, ...props }: Props) {
  const missing = useCode(page);
  const Shown = page.code.component;
  const title = t(page.title);
  // Texts that a page remembers are of one language.
  if (Shown !== null) return <Shown key={props.preferences.language} title={title} {...props} />;
  return (
    <main class="page coming" aria-busy={!missing}>
      <h1 class="unseen">{title}</h1>
      {missing && (
        <p class="banner update" role="alert">
          {t("frame.pageMissing")}{" "}
          <button class="button small" type="button" onClick={() => window.location.reload()}>
            {t("frame.reload")}
          </button>
        </p>
      )}
    </main>
  );
}

/** Load the code of a page; whether that failed, as it does for a file of an older version. */
function useCode(page: PageEntry): boolean {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [missing, setMissing] = useState<PageEntry | null>(null);
  const waiting = page.code.component === null;
  useEffect(() => {
    if (!waiting) return;
    let gone = false;
    setMissing(null);
    page.code.load().then(
      () => !gone && redraw(undefined),
      () => !gone && setMissing(page),
    );
    return () => {
      gone = true;
    };
  }, [page, waiting]);
  return waiting && missing === page;
}
