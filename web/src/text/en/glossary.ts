export const glossary = {
  title: "Glossary",
  about: "The words of signals and statistics, as this dashboard uses them.",
  more: "In the glossary",
} as const;
