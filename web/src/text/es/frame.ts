import type { frame as source } from "../en/frame";
import { translation } from "../form";

export const frame = translation<typeof source>()({
  pages: "Páginas",
  settings: "Ajustes",
  language: "Idioma",
});
