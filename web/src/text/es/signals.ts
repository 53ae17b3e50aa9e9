import type { signals as source } from "../en/signals";
import { translation } from "../form";

export const signals = translation<typeof source>()({
  title: "Señales",
});
