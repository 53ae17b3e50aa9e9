import type { performance as source } from "../en/performance";
import { translation } from "../form";

export const performance = translation<typeof source>()({
  title: "Rendimiento",
  short: "Resultados",
});
