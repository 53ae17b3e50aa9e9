export const strategies = {
  title: "Strategies",
  short: "Sets",
} as const;
