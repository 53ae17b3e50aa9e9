/** What is received while the page is closed: by push and by e-mail. Loaded with the settings. */

import { useMemo } from "preact/hooks";

import { Client } from "../../api/client";
import type { Config } from "../../api/config";
import { readToken } from "../../browser/token";
import { EmailSettings } from "./email";
import { PushSettings } from "./push";

export function Delivery({ config }: { config: Config }) {
  const client = useMemo(() => new Client(config.httpUrl, readToken()), [config]);
  return (
    <>
      <PushSettings api={config.httpUrl} client={client} />
      <EmailSettings client={client} />
    </>
  );
}
