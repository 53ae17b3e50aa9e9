import type { performance as source } from "../en/performance";
import { translation } from "../form";

export const performance = translation<typeof source>()({
  title: "Rendimiento",
  short: "Balance",

  the_statistics: "Las estadísticas",
  shown_before: "{error} Se muestra el resultado anterior.",
  unknown: "desconocido",
  empty: "Ninguna señal cerrada en este periodo",
  none_of: {
    one: "Ninguna del mercado {market}, política {policy}, en el último día.",
    other: "Ninguna del mercado {market}, política {policy}, en los últimos {n} días.",
  },
  basis:
    "{count} señales cerradas · mercado {market}, política {policy}. Los rendimientos son netos, en porcentaje de la entrada, sumados sin capitalizar.",
  as_of: "Estado de {time}.",
  truncated: "Más de 5000 señales: solo se cuentan las 5000 más recientes.",

  window: "Periodo",
  days: { one: "{n} día", other: "{n} días" },
  all_symbols: "Todos los símbolos",
  both_sides: "Largos y cortos",
  longs: "Solo largos",
  shorts: "Solo cortos",
  strategy: "Estrategia",
  policy_and_market: "Política y mercado",

  summary: "Resumen",
  win_rate: "Tasa de aciertos",
  interval: "95 %: de {low} a {high}",
  mean_return: "Rendimiento medio",
  gross: "bruto {gross}",
  profit_factor: "Factor de beneficio",
  withheld: "requiere {enough} señales, hay {has}",
  no_loss: "aún sin pérdidas",
  gains_over_losses: "ganancias entre pérdidas",
  expectancy: "Esperanza",
  r_is: "R es la distancia al SL",
  max_drawdown: "Caída máxima",
  of_the_sum: "del rendimiento acumulado",
  best: "Mejor",
  worst: "Peor",
  worst_is: "peor {worst}",
  sharpe: "Sharpe",
  sortino: "Sortino",
  of_days: "de sumas diarias, anual",

  equity: "Rendimiento acumulado y caída",
  calendar: "Calendario (UTC)",
  net_by_day: "suma neta por día de entrada",
  returns: "Rendimientos",
  by_net: "señales por rendimiento neto",
  by_hour: "Por hora (UTC)",
  by_weekday: "Por día de la semana (UTC)",
  mean_net: "rendimiento neto medio",
  by_symbol: "Por símbolo",
  symbol: "Símbolo",
  by_event: "Por evento",
  event: "Evento",
  by_direction: "Por dirección",
  direction: "Dirección",

  no_distribution: "Aún no hay distribución.",
  bin: { one: "de {from} a {to}: {n} señal", other: "de {from} a {to}: {n} señales" },
  histogram:
    "Histograma de rendimientos netos de {low} a {high}; los más frecuentes van de {from} a {to}",
  by_hour_of: {
    one: "Rendimiento neto medio por hora del día, {n} señal",
    other: "Rendimiento neto medio por hora del día, {n} señales",
  },
  by_weekday_of: {
    one: "Rendimiento neto medio por día de la semana, {n} señal",
    other: "Rendimiento neto medio por día de la semana, {n} señales",
  },
  mean_of: "{name}: {mean} de media, N = {count}",
  faint: "Tenue: menos de {enough} señales.",
  no_groups: "Aún no hay grupos.",
  scrollable: "{name}, desplazable",
  rate_interval: "Aciertos, 95 %",
  span: "de {low} a {high}",
  mean: "Media",
  mean_gross: "Bruto",
  sum: "Suma",

  no_days: "Aún no hay ningún día con una señal cerrada.",
  calendar_of:
    "Calendario de sumas netas por día de {from} a {to}; mejor día {best}, peor día {worst}. La tabla de días los contiene todos.",
  calendar_scroll: "Calendario, desplazable",
  calendar_note: "Azul con +: ganancia. Naranja con −: pérdida. Cuanto más oscuro, mayor.",
  day_without: "{day}: sin señales",
  day_with: { one: "{day}: {net}, {n} señal", other: "{day}: {net}, {n} señales" },
  periods: "Por día, semana y mes",
  period: "Intervalo",
  period_utc: "{period} (UTC)",
  day: "Día",
  week: "Semana",
  month: "Mes",
  fewer: "Mostrar menos",
  more: { one: "Mostrar {n} más", other: "Mostrar {n} más" },
  periods_note:
    "Una señal pertenece al día UTC de su entrada. Tenue: menos de {enough} señales; allí no se da el factor de beneficio.",

  calibration: "Tasa de aciertos por puntuación",
  no_scores: "Aún no hay señales cerradas con puntuación guardada.",
  calibration_of: {
    one: "Tasa de aciertos por puntuación, {n} señal: {buckets}",
    other: "Tasa de aciertos por puntuación, {n} señales: {buckets}",
  },
  bucket: "puntuación de {from} a {to}: {rate} de aciertos (95 %: de {low} a {high}), N = {count}",
  diagonal: "puntuación = aciertos",
  base_rate: "todas: {rate}",
  too_few_scores: "{has} señales son muy pocas para afirmar algo (se requieren {enough}).",
  no_trend_test:
    "Todas las puntuaciones, o todos los resultados, son iguales: no hay nada que comparar.",
  no_trend: "Estas señales no muestran que una puntuación mayor acierte más (tendencia: p = {p}).",
  rising: "Las puntuaciones mayores acertaron más (tendencia: p = {p}).",
  falling: "Las puntuaciones mayores acertaron menos (tendencia: p = {p}).",
  none_outside: "El intervalo de cada tramo contiene la tasa de todas, {rate}.",
  outside: {
    one: "El intervalo de {n} tramo excluye la tasa de todas, {rate}.",
    other: "Los intervalos de {n} tramos excluyen la tasa de todas, {rate}.",
  },
  calibration_note:
    "Una puntuación no es una probabilidad, así que los puntos no tienen por qué estar en la diagonal de puntos. Las señales que coinciden en el tiempo no son independientes: los intervalos pecan de estrechos.",
  without_score: {
    one: "Se omite {n} señal anterior: su puntuación no está guardada con su resultado.",
    other:
      "Se omiten {n} señales anteriores: sus puntuaciones no están guardadas con sus resultados.",
  },

  excursions: "Mejor y peor recorrido (MFE, MAE)",
  no_excursions: "Aún no hay señales cerradas con recorrido guardado.",
  excursions_of: {
    one: "Mejor frente a peor recorrido de {n} señal. Medianas de las ganadoras: {won}; de las perdedoras: {lost}",
    other:
      "Mejor frente a peor recorrido de {n} señales. Medianas de las ganadoras: {won}; de las perdedoras: {lost}",
  },
  excursions_note:
    "Mientras la señal estuvo abierta, sin costes. R es la distancia al SL; un salto de precio puede superarlo. Puntos: ganadas; cruces: perdidas, tras costes.",
  without_reach: {
    one: "Se omite {n} señal anterior: su recorrido no está guardado con su resultado.",
    other:
      "Se omiten {n} señales anteriores: sus recorridos no están guardados con sus resultados.",
  },
  best_reach: "mejor (MFE)",
  worst_reach: "peor (MAE)",
  stop_line: "SL, −1 R",
  target_line: "TP, {target}",
  reach: "{symbol}: mejor {best}, peor {worst}, neto {net}",
  quantiles: "Cuantiles",
  won_best: "Ganadas: mejor",
  won_worst: "Ganadas: peor",
  lost_best: "Perdidas: mejor",
  lost_worst: "Perdidas: peor",

  side_by_side: "Estrategias lado a lado",
  one_set: "Funciona un solo conjunto de parámetros: no hay con qué compararlo.",
  same_days: "Todos de {from} a {to}, por día UTC de entrada.",
  limited: "{name} empezó el último: en todos cuentan solo los días enteros posteriores.",
  no_whole_day: "{name} empezó el último: aún no hay un día entero que tengan todos.",
  shadow_note:
    "En sombra: se decide y se liquida junto a los conjuntos activos, nunca se publica. Tenue: menos de {enough} señales.",
  set: "Conjunto",
  mode: "Modo",
  live: "Activo",
  shadow: "En sombra",

  what_if: "Y si: señales pasadas con otras reglas",
  hindsight: "A posteriori",
  what_if_about:
    "El motor liquida de nuevo cada señal cerrada con sus velas de 1m guardadas y los mismos costes; una vela que alcanza TP y SL es una pérdida, salvo que el recorrido guardado diga cuál llegó antes. Un campo vacío conserva lo publicado.",
  tp_atr: "TP, en ATR",
  sl_atr: "SL, en ATR",
  ttl_minutes: "Vencimiento, en minutos",
  threshold: "Puntuación desde (0 a 1)",
  as_published: "como se publicó",
  try: "Probar",
  settling: { one: "Liquidando de nuevo: {n} señal", other: "Liquidando de nuevo: {n} señales" },
  tries: {
    one: "{n} intento en esta pestaña.",
    other: "{n} intentos en esta pestaña: el mejor de muchos intentos parece mejor de lo que es.",
  },
  nothing_settled: "No se pudo liquidar de nuevo ninguna señal.",
  rules: "Reglas",
  published: "Como se publicó",
  other_rules: "Otras reglas",
  tp_hits: "TP",
  sl_hits: "SL",
  expired: "Vencidas",
  ambiguous: "Ambiguas",
  newest_only: "Son las {count} señales más recientes del periodo.",
  read_more: "Liquidar {count} más",
  what_if_note:
    "No se sabe qué se habría abierto en su lugar: una señal omitida no habría iniciado ninguna pausa, y el filtro de costes no se aplica de nuevo. Lo que se elige mirando resultados no prueba nada: conviene registrar una pregunta y comprobarla con datos nuevos. Tenue: menos de {enough} señales.",
  below_threshold: {
    one: "{n} señal está por debajo de la puntuación.",
    other: "{n} señales están por debajo de la puntuación.",
  },
  no_atr: {
    one: "Se omite {n} señal: sus niveles no están en ATR.",
    other: "Se omiten {n} señales: sus niveles no están en ATR.",
  },
  own_exits: {
    one: "Se omite {n} señal: tiene varios objetivos o un stop que se mueve.",
    other: "Se omiten {n} señales: tienen varios objetivos o un stop que se mueve.",
  },
  out_of_range: {
    one: "Se omite {n} señal: un nivel no sería un precio en su lado de la entrada.",
    other: "Se omiten {n} señales: un nivel no sería un precio en su lado de la entrada.",
  },
  no_bars: {
    one: "Se omite {n} señal: sus velas han caducado (35 días) o no deciden.",
    other: "Se omiten {n} señales: sus velas han caducado (35 días) o no deciden.",
  },
  not_by_bars: {
    one: "Se omite {n} señal: su resultado guardado no es el de sus velas.",
    other: "Se omiten {n} señales: sus resultados guardados no son los de sus velas.",
  },
  too_young: {
    one: "Se omite {n} señal: es demasiado reciente, su plazo con las reglas no ha terminado.",
    other:
      "Se omiten {n} señales: son demasiado recientes, sus plazos con las reglas no han terminado.",
  },
  none_below: "Ninguna señal está por debajo de la puntuación: lo que no se publicó no se conoce.",
});
