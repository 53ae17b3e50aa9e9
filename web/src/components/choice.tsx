/** A choice between a few options, as radio buttons side by side. */

interface Props<T extends string> {
  name: string;
  value: T;
  options: readonly T[];
  /** As they are written; the options themselves where they have no other name. */
  names?: Readonly<Record<T, string>>;
  onChange: (value: T) => void;
}

export function Choice<T extends string>({ name, value, options, names, onChange }: Props<T>) {
  return (
    <fieldset class="choice">
      <legend class="unseen">{name}</legend>
      {options.map((option) => (
        <label key={option}>
          <input
            type="radio"
            class="unseen"
            name={name}
            checked={option === value}
            onChange={() => onChange(option)}
          />
          <span>{names?.[option] ?? option}</span>
        </label>
      ))}
    </fieldset>
  );
}
