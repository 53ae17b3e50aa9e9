import type { chat as source } from "../en/chat";
import { translation } from "../form";

export const chat = translation<typeof source>()({
  title: "Chat",
});
