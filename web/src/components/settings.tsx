/** What may be chosen: looks, notifications, shortcuts, and the API's token. */

import { useState } from "preact/hooks";

import { zoneName } from "../format";
import { askPermission, beep, permission, type Permission } from "../notify";
import type { Preferences } from "../preferences";
import { readToken, tokenIsKept, writeToken } from "../token";
import { Dialog } from "./dialog";

interface Props {
  preferences: Preferences;
  /** The API refused the token, or the lack of one. */
  refused: boolean;
  onClose: () => void;
}

export function Settings({ preferences, refused, onClose }: Props) {
  const { theme, zone, keys, set } = preferences;
  return (
    <Dialog id="settings" class="detail small" title="Settings" onClose={onClose}>
      <section>
        <h3>Display</h3>
        <Switch
          name="Dark theme"
          on={theme === "dark"}
          onChange={(on) => set("theme", on ? "dark" : "light")}
        />
        <Switch
          name="Times in UTC"
          note={`Otherwise in ${zoneName("local")}, this browser's zone`}
          on={zone === "utc"}
          onChange={(on) => set("zone", on ? "utc" : "local")}
        />
        <Switch
          name="Keyboard shortcuts"
          note="Single keys, listed under ?"
          on={keys}
          onChange={(on) => set("keys", on)}
        />
      </section>
      <section>
        <h3>New signals</h3>
        <Notifications preferences={preferences} />
      </section>
      <section>
        <h3>API token</h3>
        <Token refused={refused} />
      </section>
    </Dialog>
  );
}

function Notifications({ preferences: { desktop, sound, set } }: Pick<Props, "preferences">) {
  const [granted, setGranted] = useState<Permission>(permission);
  const chooseDesktop = async (on: boolean) => {
    const answer = on ? await askPermission() : granted;
    setGranted(answer);
    set("desktop", on && answer === "granted");
  };
  const chooseSound = (on: boolean) => {
    set("sound", on);
    if (on) beep(true); // so that it is known, and the browser has seen a click for it
  };
  return (
    <>
      <Switch
        name="Desktop notification"
        note={NOTES[granted]}
        on={desktop && granted === "granted"}
        disabled={granted === "unsupported"}
        onChange={(on) => void chooseDesktop(on)}
      />
      <Switch name="Sound" note="Rising: long. Falling: short." on={sound} onChange={chooseSound} />
    </>
  );
}

const NOTES: Readonly<Record<Permission, string>> = {
  default: "While this page is open; the browser will ask",
  granted: "While this page is open",
  denied: "This browser forbids it; allow it in the site's permissions",
  unsupported: "Not available here: it needs HTTPS or localhost",
};

interface SwitchProps {
  name: string;
  note?: string;
  on: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}

function Switch({ name, note, on, disabled = false, onChange }: SwitchProps) {
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        checked={on}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        {name}
        {note !== undefined && <span class="note muted">{note}</span>}
      </span>
    </label>
  );
}

function Token({ refused }: { refused: boolean }) {
  const [token, setToken] = useState(readToken() ?? "");
  const [keep, setKeep] = useState(tokenIsKept());
  const save = (next: string | null) => {
    writeToken(next, keep);
    window.location.reload(); // everything is asked anew, as whoever it now is
  };
  return (
    <form
      class="token"
      onSubmit={(event) => {
        event.preventDefault();
        save(token.trim() || null);
      }}
    >
      {refused && <p class="warning">The API refuses what it was given. Enter its token.</p>}
      <label>
        <span class="muted">Sent to this stack's API only</span>
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
        name="Remember on this device"
        note="Otherwise until this tab is closed"
        on={keep}
        onChange={setKeep}
      />
      <p class="actions">
        <button class="button" type="submit">
          Save
        </button>
        {readToken() !== null && (
          <button class="button" type="button" onClick={() => save(null)}>
            Forget
          </button>
        )}
      </p>
    </form>
  );
}
