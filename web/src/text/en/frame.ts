export const frame = {
  pages: "Pages",
  settings: "Settings",
  language: "Language",
} as const;
