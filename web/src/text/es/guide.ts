import type { guide as source } from "../en/guide";
import { translation } from "../form";

export const guide = translation<typeof source>()({
  title: "Cómo funciona una señal",
  about: "De la vela a los costes: una señal real, con sus propios números.",
  noSignal: "Aún no se ha abierto ninguna señal. Aquí se explicará la primera que se cierre.",
  noneClosed:
    "Aún no se ha cerrado ninguna señal. Aquí se explicará la primera que se cierre; una abierta se puede leer en la página de señales.",
  bar: "La vela",
  barText:
    "A las {time} la vela de 1m de {symbol} cerró en {price}. El motor decide solo con velas cerradas, que después no cambian nunca.",
  barPrices: "Apertura {open}, máximo {high}, mínimo {low}, cierre {close}.",
  events: "Los eventos",
  eventsText:
    "Este cierre tuvo eventos. Sin un evento en una dirección en los últimos 15 minutos no se abre nada.",
  eventsBefore: "Este cierre no tuvo eventos propios: uno poco anterior respalda la dirección.",
  event: "{kind} en {interval}, {side}, fuerza {strength} de 100",
  components: "Los componentes y la puntuación",
  componentsText: "Siete componentes miden cuánto respaldan las velas un {side}, de 0 a 100:",
  scoreText: "Su media, ponderada por la política, es la puntuación: {score}.",
  verdict: "El veredicto",
  verdictText: "La puntuación de {score} fue suficiente.",
  verdictOver:
    "La puntuación de {score} fue suficiente: las señales se publican desde {threshold}.",
  verdictOther: "Un {side} puntuó {score}.",
  stored: "Guardado con la decisión: {reason}.",
  levels: "Los niveles",
  atrs: "{n} ATR",
  levelsText:
    "Entrada en el cierre, {entry}. Objetivo (TP) en {tp}: {tpAway}. Stop (SL) en {sl}: {slAway}.",
  riskText: "Riesgo / beneficio {ratio}.",
  expiryText: "Expira a los {span}, el {time}.",
  messages: "Los mensajes",
  messagesText: {
    one: "Se envió {n} mensaje sobre ella.",
    other: "Se enviaron {n} mensajes sobre ella.",
  },
  message: "{kind} por {channel}: {state}, {latency} tras la confirmación",
  settlement: "El final",
  stillOpen: "Sigue abierta: deciden las velas que vengan.",
  settlementText: "{outcome}, en {price}, a los {span}.",
  excursions: "En el camino llegó a {mfe} en el mejor momento y a {mae} en el peor.",
  costs: "Los costes",
  costsText:
    "Las comisiones y el deslizamiento se pagan a la entrada y a la salida, sea cual sea el resultado. Las estadísticas cuentan el rendimiento neto.",
});
