import type { detail as source } from "../en/detail";
import { translation } from "../form";

export const detail = translation<typeof source>()({});
