export const glossary = {
  title: "Glossary",
  about: "The words of signals and statistics, as this dashboard uses them.",
  explain: "Explain: {word}",
  more: "In the glossary",
} as const;
