export const signals = {
  title: "Signals",
} as const;
