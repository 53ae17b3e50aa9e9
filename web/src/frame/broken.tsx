/** The page without a configuration: the reason, and how to fix it. */

import { rich, t } from "../text/catalogue";

export function Broken({ reason }: { reason: string }) {
  return (
    <main class="broken">
      <div role="alert">
        <h1>{t("frame.noConfiguration")}</h1>
        <p>{reason}.</p>
      </div>
      <p>
        {rich("frame.configurationHelp", {
          config: <code>config.json</code>,
          index: <code>index.html</code>,
          http: <code>httpUrl</code>,
          socket: <code>webSocketUrl</code>,
          up: <code>make up</code>,
        })}
      </p>
      <button class="button" type="button" onClick={() => window.location.reload()}>
        {t("components.tryAgain")}
      </button>
    </main>
  );
}
