import type { overview as source } from "../en/overview";
import { translation } from "../form";

export const overview = translation<typeof source>()({
  title: "Resumen",
});
