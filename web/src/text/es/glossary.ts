import type { glossary as source } from "../en/glossary";
import { translation } from "../form";

export const glossary = translation<typeof source>()({
  title: "Glosario",
  about: "Las palabras de las señales y las estadísticas, como las usa este panel.",
  explain: "Explicar: {word}",
  more: "En el glosario",
});
