/** A switch with its name and a note below it. */

interface SwitchProps {
  name: string;
  note?: string;
  on: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}

export function Switch({ name, note, on, disabled = false, onChange }: SwitchProps) {
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
