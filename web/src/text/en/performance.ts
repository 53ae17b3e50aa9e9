export const performance = {
  title: "Performance",
  short: "Results",
} as const;
