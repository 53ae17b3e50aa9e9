import type { strategies as source } from "../en/strategies";
import { translation } from "../form";

export const strategies = translation<typeof source>()({
  title: "Estrategias",
  short: "Conjuntos",
});
