/** A switch with its name and, below, a note. */

interface Props {
  name: string;
  note?: string;
  on: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}

export function Switch({ name, note, on, disabled = false, onChange }: Props) {
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
