import type { system as source } from "../en/system";
import { translation } from "../form";

export const system = translation<typeof source>()({
  title: "Sistema",
  now: "Ahora",
  nowFrom: "del último latido",
  delays: "Retraso por paso",
  delaysAre: "mediana / percentil 95",
  delaysOfPast:
    "Medido desde la confirmación: los cierres de vela siguen el reloj del mercado reproducido, no el reloj real.",
  queues: "Colas",
  queuesAre: "mensajes en espera, aproximado",
  streams: "Flujos de datos",
  streamsAre: "antigüedad del último mensaje",
  gaps: "Huecos",
  cost: "Coste hasta ahora",
  costIs: "estimado",
  cpu: "CPU",
  memory: "Memoria",
  ofTask: "del proceso de ingesta",
  openSignals: "Señales abiertas",
  signalsToday: "Señales de hoy",
  eventsToday: "Eventos de hoy",
  reconnects: "Reconexiones",
  sinceStart: "desde el inicio del proceso",
  backlog: "Pendientes",
  backlogIs: "registros por enviar",
  viewers: "Espectadores",
  viewersAre: "conexiones WebSocket",
  noHops: "No se envió ninguna señal en las últimas 24 h.",
  noQueues: "No hay datos de las colas.",
  noGaps: "Hoy no hay huecos.",
  noStreams: "Aún no se ha recibido el estado de los flujos.",
  noMessage: "aún sin mensajes",
  allSymbols: "Todos los símbolos",
  barsMissing: { one: "{n} vela", other: "{n} velas" },
  barsLost: { one: "{n} perdida", other: "{n} perdidas" },
  lasting: "durante {span}",
  noCost: "Aún no se ha contado nada.",
  counted:
    "Contado: {hours} h, {closes} cierres ({events} con eventos), {opened} señales, {deliveries} mensajes de Telegram.",
  notBilled: "AWS pediría esta cantidad; aquí no se factura nada.",
  prices:
    "Precios de {region} del {day}, Spot para el proceso de ingesta, sin capa gratuita ni impuestos.",
  notCounted:
    "No incluye: peticiones a la API, preguntas al chat, fallos ni lo guardado fuera de la pila. La duración de las funciones se supone.",
  ownPace: "El mes sigue este ritmo.",
  recordedPace:
    "Se ha contado muy poco: el mes sigue el ritmo de las grabaciones (6 % de los cierres con eventos, 0,2 % abren una señal).",
  since: "Desde el {time}.",
  month: {
    one: "Un mes a este ritmo: {usd} por {n} símbolo.",
    other: "Un mes a este ritmo: {usd} por {n} símbolos.",
  },
  otherServices: { one: "{n} más", other: "{n} más" },
});
