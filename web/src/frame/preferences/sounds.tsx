/** Which signals sound, and a notice while the browser does not allow a sound yet. */

import { useEffect, useState } from "preact/hooks";

import { beep, soundAllowed } from "../../browser/notify";
import { Switch } from "../../components/switch";
import type { Preferences } from "../../state/preferences";
import { t } from "../../text/catalogue";

interface Props {
  preferences: Preferences;
}

const PERCENT = 100;

export function Sounds({ preferences: { sound, closedSound, set, ...chosen } }: Props) {
  return (
    <>
      <Switch
        name={t("settings.soundNew")}
        note={t("settings.soundNewNote")}
        on={sound}
        onChange={(on) => {
          set("sound", on);
          if (on) beep("rising"); // a sample
        }}
      />
      <Switch
        name={t("settings.soundEnded")}
        note={t("settings.soundEndedNote")}
        on={closedSound}
        onChange={(on) => {
          set("closedSound", on);
          if (on) beep("ended");
        }}
      />
      <Switch
        name={t("settings.soundStarred")}
        note={t("settings.starredNow", { n: chosen.starredSymbols.length })}
        on={chosen.soundStarred}
        onChange={(on) => set("soundStarred", on)}
      />
      <label class="field">
        <span>{t("settings.soundScore")}</span>
        <input
          type="number"
          min={0}
          max={100}
          step={1}
          value={Math.round(chosen.soundScore * PERCENT)}
          onInput={(event) => {
            const value = event.currentTarget.valueAsNumber;
            if (value >= 0 && value <= 100) set("soundScore", value / PERCENT);
          }}
        />
      </label>
    </>
  );
}

/** Says that a chosen sound cannot be played before a click; the click removes it. */
export function SoundNotice({ preferences: { sound, closedSound } }: Props) {
  const [allowed, setAllowed] = useState(soundAllowed);
  useEffect(() => {
    if (allowed) return;
    const used = () => setAllowed(soundAllowed());
    const events = ["click", "keydown"] as const;
    for (const name of events) window.addEventListener(name, used);
    return () => events.forEach((name) => window.removeEventListener(name, used));
  }, [allowed]);
  if (allowed || !(sound || closedSound)) return null;
  return (
    <p class="banner" role="status">
      {t("settings.soundWaits")}
    </p>
  );
}
