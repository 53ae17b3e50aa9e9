import type { chat as source } from "../en/chat";
import { translation } from "../form";

export const chat = translation<typeof source>()({
  title: "Chat",
  disclaimer: "Las señales y respuestas no son consejos de inversión.",
  new: "Chat nuevo",
  ask: "Preguntas sobre el mercado y las señales",
  sources:
    "Las respuestas salen de los datos del propio motor: puntuaciones, señales, estadísticas, motivos.",
  suggestion_trending: "¿Qué está en tendencia?",
  suggestion_best: "Muéstrame los mejores futuros ahora",
  suggestion_today: "¿Cómo les fue a las señales de hoy?",
  suggestion_why: "¿Por qué se abrió la última señal?",
  waiting: "Esperando la respuesta",
  again: "Preguntar de nuevo",
  writtenBy: "Escrito por un modelo de lenguaje ({name})",
  from: "de: {names}",
  question: "Su pregunta",
  placeholder: "Pregunte por símbolos, señales, resultados…",
  send: "Enviar",
});
