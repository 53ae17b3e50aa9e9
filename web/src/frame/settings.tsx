/** The settings: display, notifications, shortcuts, and the API's token. */

import { useState } from "preact/hooks";

import type { Config } from "../api/config";
import { permission, requestPermission, type Permission } from "../browser/notify";
import { isTokenOnDevice, readToken, writeToken } from "../browser/token";
import { Dialog } from "../components/dialog";
import { later } from "../components/later";
import { Select } from "../components/select";
import { Switch } from "../components/switch";
import { href } from "../routing/address";
import type { Preferences } from "../state/preferences";
import { t } from "../text/catalogue";
import { LANGUAGE_NAMES, LANGUAGES } from "../text/languages";
import { zoneName } from "../values/format";
import { Files } from "./preferences/files";
import { Sounds } from "./preferences/sounds";

const Delivery = later(async () => (await import("./preferences/delivery")).Delivery);

interface Props {
  config: Config;
  preferences: Preferences;
  /** The API refused the token, or the lack of one. */
  refused: boolean;
  onClose: () => void;
}

export function Settings({ config, preferences, refused, onClose }: Props) {
  const { language, theme, zone, keys, set } = preferences;
  return (
    <Dialog id="settings" class="detail small" title={t("frame.settings")} onClose={onClose}>
      <section>
        <h3>{t("frame.display")}</h3>
        <p class="labelled">
          <span>{t("frame.language")}</span>
          <Select
            name={t("frame.language")}
            value={language}
            options={LANGUAGES.map((one) => [one, LANGUAGE_NAMES[one]] as const)}
            onChange={(chosen) => set("language", chosen)}
          />
        </p>
        <Switch
          name={t("frame.darkTheme")}
          on={theme === "dark"}
          onChange={(on) => set("theme", on ? "dark" : "light")}
        />
        <Switch
          name={t("frame.timesInUtc")}
          note={t("frame.otherwiseIn", { zone: zoneName("local") })}
          on={zone === "utc"}
          onChange={(on) => set("zone", on ? "utc" : "local")}
        />
        <Switch
          name={t("frame.shortcuts")}
          note={t("frame.shortcutsNote")}
          on={keys}
          onChange={(on) => set("keys", on)}
        />
      </section>
      <section>
        <h3>{t("frame.newSignals")}</h3>
        <Notifications preferences={preferences} />
        <Delivery config={config} />
        <Sounds preferences={preferences} />
      </section>
      <section>
        <h3>{t("settings.inBrowser")}</h3>
        <Files preferences={preferences} />
      </section>
      <section>
        <h3>{t("frame.token")}</h3>
        <Token refused={refused} />
        <p>
          <a href={href("settings")} onClick={onClose}>
            {t("settings.toOperator")}
          </a>
        </p>
      </section>
    </Dialog>
  );
}

function Notifications({ preferences: { desktop, set } }: Pick<Props, "preferences">) {
  const [granted, setGranted] = useState<Permission>(permission);
  const chooseDesktop = async (on: boolean) => {
    const answer = on ? await requestPermission() : granted;
    setGranted(answer);
    set("desktop", on && answer === "granted");
  };
  return (
    <>
      <Switch
        name={t("frame.desktop")}
        note={t(`frame.permission_${granted}`)}
        on={desktop && granted === "granted"}
        disabled={granted === "unsupported"}
        onChange={(on) => void chooseDesktop(on)}
      />
    </>
  );
}

function Token({ refused }: { refused: boolean }) {
  const [token, setToken] = useState(readToken() ?? "");
  const [onDevice, setOnDevice] = useState(isTokenOnDevice());
  const save = (next: string | null) => {
    writeToken(next, onDevice);
    window.location.reload(); // load everything again with the new token
  };
  return (
    <form
      class="token"
      onSubmit={(event) => {
        event.preventDefault();
        save(token.trim() || null);
      }}
    >
      {refused && <p class="warning">{t("frame.tokenRejected")}</p>}
      <label>
        <span class="muted">{t("frame.tokenNote")}</span>
        <input
          type="password"
          name="token"
          autocomplete="off"
          spellcheck={false}
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <Switch
        name={t("frame.remember")}
        note={t("frame.rememberNote")}
        on={onDevice}
        onChange={setOnDevice}
      />
      <p class="actions">
        <button class="button" type="submit">
          {t("frame.save")}
        </button>
        {readToken() !== null && (
          <button class="button" type="button" onClick={() => save(null)}>
            {t("frame.remove")}
          </button>
        )}
      </p>
    </form>
  );
}
