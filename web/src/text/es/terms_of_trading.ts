/** The glossary in Spanish, by the anchor of each English word in docs/glossary.md. */

interface Translated {
  readonly word: string;
  readonly meaning: string;
}

export const terms: Readonly<Record<string, Translated>> = {
  bar: {
    word: "vela",
    meaning:
      "apertura, máximo, mínimo, cierre y volumen de un símbolo durante un intervalo; una vela cerrada no cambia nunca",
  },
  channel: { word: "canal", meaning: "un tipo de destino de las notificaciones; Telegram es uno" },
  close: {
    word: "cierre",
    meaning: "el final de una vela de 1m; también la vela que termina entonces",
  },
  component: {
    word: "componente",
    meaning:
      "una de las siete partes de una puntuación, entre 0 y 1: tendencia, liquidaciones, volatilidad, VWAP, interés abierto, estructura, calidad del evento",
  },
  cooldown: {
    word: "enfriamiento",
    meaning: "el tiempo tras una señal en el que su símbolo no recibe otra (`cooldown_s`)",
  },
  coverage: { word: "cobertura", meaning: "la parte de los pesos cuyos componentes tenían datos" },
  decision: {
    word: "decisión",
    meaning:
      "el resultado guardado de puntuar un cierre: las puntuaciones de ambos lados, el veredicto y su motivo",
  },
  direction: { word: "dirección", meaning: "largo o corto" },
  drawdown: {
    word: "caída (drawdown)",
    meaning: "cuánto está el rendimiento acumulado por debajo de su máximo hasta el momento",
  },
  entry: {
    word: "entrada",
    meaning: "el cierre de la vela en la que se abre una señal; los rendimientos se miden desde él",
  },
  equity: {
    word: "curva de capital",
    meaning:
      "el rendimiento neto acumulado de las señales cerradas en orden, sumado sin capitalizar",
  },
  event: {
    word: "evento",
    meaning:
      "algo que el motor detecta en una vela cerrada, con tipo, dirección, fuerza y detalles",
  },
  "event-quality": {
    word: "calidad del evento",
    meaning:
      "un componente: la fuerza del evento más fuerte en la dirección en los últimos 15 minutos, que se apaga con su edad",
  },
  "exchange-time": {
    word: "hora del mercado",
    meaning:
      "la hora que el mercado pone en sus mensajes, en ms UTC; el motor no usa otro reloj para decidir",
  },
  expectancy: {
    word: "esperanza",
    meaning: "el rendimiento neto medio de una señal en unidades de R",
  },
  expiry: {
    word: "expiración",
    meaning: "el tiempo tras el cual una señal abierta se cierra al último precio",
  },
  feature: {
    word: "indicador",
    meaning: "un número calculado a partir de velas: un indicador, un flujo, un nivel",
  },
  fees: {
    word: "comisiones",
    meaning: "lo que el mercado cobra por abrir y por cerrar una posición, en partes de su valor",
  },
  fill: {
    word: "ejecución parcial",
    meaning:
      "el cierre de una fracción de una posición a un precio: por un objetivo, el stop, la expiración o la estrategia",
  },
  funding: {
    word: "financiación",
    meaning:
      "lo que los largos pagan a los cortos, o los cortos a los largos, en las horas de financiación mientras una posición está abierta",
  },
  gap: {
    word: "hueco",
    meaning:
      "velas o flujos que faltan; una entrada del registro, y `quality.gap_s` en la vela siguiente",
  },
  "gross-return": {
    word: "rendimiento bruto",
    meaning:
      "el rendimiento entre la entrada y la salida antes de comisiones, deslizamiento y financiación",
  },
  heartbeat: {
    word: "latido",
    meaning:
      "el informe del proceso de ingesta, cada 10 s: edades de los flujos, pendientes, recuentos",
  },
  interval: {
    word: "intervalo",
    meaning:
      "la duración de una vela: 1m, 5m, 15m, 1h, 4h o 1d; las reglas de una política leen las cuatro primeras",
  },
  "leverage-cap": {
    word: "apalancamiento máximo",
    meaning:
      "el mayor apalancamiento con el que una posición aislada se liquida más allá de su stop, a media distancia del stop",
  },
  "liquidations-component": {
    word: "componente de liquidaciones",
    meaning:
      "un componente: los cierres forzosos del otro lado en los últimos cinco minutos, frente al valor negociado",
  },
  "lot-size": {
    word: "tamaño de lote",
    meaning:
      "el menor paso de la cantidad de un contrato, con la cantidad y el valor mínimos de una orden",
  },
  market: { word: "mercado", meaning: "el origen de los datos: `live`, `recording` o `simulated`" },
  mfe: {
    word: "MFE, MAE",
    meaning:
      "la mayor ganancia y la mayor pérdida que mostró una señal entre su entrada y su final",
  },
  n: {
    word: "N",
    meaning: "el número de señales cerradas de una estadística; menos de 30 no demuestran nada",
  },
  "net-return": {
    word: "rendimiento neto",
    meaning:
      "el rendimiento entre la entrada y la salida tras comisiones, deslizamiento y financiación, en porcentaje de la entrada",
  },
  "open-interest-component": {
    word: "componente de interés abierto",
    meaning:
      "un componente: un precio que se mueve en la dirección mientras crece el interés abierto",
  },
  opening: { word: "apertura, cierre", meaning: "los dos cambios de una señal que se publican" },
  outcome: {
    word: "resultado",
    meaning:
      "cómo terminó una señal: `TP`, `SL`, `EXPIRED` o `LEFT`, con precios, horas y rendimientos",
  },
  "parameter-set": {
    word: "conjunto de parámetros",
    meaning:
      "una estrategia con valores de sus parámetros y sus reglas, como `donchian@fast`; se decide, se liquida y se cuenta por separado",
  },
  policy: {
    word: "política",
    meaning: "todos los umbrales, pesos y costes, en un archivo comprobado",
  },
  position: {
    word: "posición",
    meaning: "todo lo que está en juego en una señal, de lo que las ejecuciones cierran fracciones",
  },
  preferences: { word: "preferencias", meaning: "qué notificaciones recibe un chat, y cuándo" },
  "profit-factor": {
    word: "factor de beneficio",
    meaning:
      "la suma de todas las ganancias entre la suma de todas las pérdidas; por encima de 1 las ganancias son mayores",
  },
  promotion: {
    word: "promoción",
    meaning:
      "un conjunto de parámetros en sombra pasa a estar en vivo, por el veredicto de su evidencia o por un motivo; ambos se guardan",
  },
  protection: {
    word: "protección",
    meaning:
      "una regla que prohíbe señales nuevas por resultados recientes o por el número de abiertas",
  },
  r: {
    word: "R",
    meaning:
      "la distancia de la entrada al primer stop; un objetivo a 2 R gana el doble de lo que pierde el stop",
  },
  "re-arm": {
    word: "rearme",
    meaning:
      "el tiempo más largo tras una señal en el que su símbolo no recibe otra de la misma dirección (`rearm_s`)",
  },
  replay: { word: "reproducción", meaning: "pasar una grabación por el sistema completo" },
  score: {
    word: "puntuación",
    meaning: "la media ponderada de los componentes de una dirección, entre 0 y 1",
  },
  settle: {
    word: "liquidación de la señal",
    meaning: "calcular el resultado de una señal a partir de las velas guardadas",
  },
  shadow: {
    word: "sombra",
    meaning:
      "el estado de un conjunto de parámetros cuyas señales se guardan, se liquidan y se cuentan, y no se publican nunca",
  },
  "sharpe-ratio": {
    word: "ratio de Sharpe",
    meaning: "la media de las sumas netas diarias entre su dispersión, para un año (× √365)",
  },
  signal: {
    word: "señal",
    meaning:
      "una dirección con entrada, TP, SL y expiración, abierta en un cierre y seguida hasta que se liquida",
  },
  slippage: {
    word: "deslizamiento",
    meaning: "la diferencia entre el precio deseado y el obtenido, supuesta en cada lado",
  },
  "sortino-ratio": {
    word: "ratio de Sortino",
    meaning:
      "la media de las sumas netas diarias entre la dispersión de los días con pérdida solos, para un año (× √365)",
  },
  step: {
    word: "paso",
    meaning:
      "una ejecución parcial o un movimiento del stop de una señal abierta; `progress` los tiene en orden",
  },
  strategy: {
    word: "estrategia",
    meaning:
      "las reglas que deciden: un archivo con su declaración y sus funciones; `classic` es la predeterminada, y la política tiene sus parámetros",
  },
  "structure-component": {
    word: "componente de estructura",
    meaning:
      "un componente: si la última ruptura de un máximo o mínimo fue en la dirección, y el espacio hasta el siguiente",
  },
  symbol: {
    word: "símbolo",
    meaning:
      "el nombre de un contrato como lo escribe Binance: de 2 a 30 letras mayúsculas de cualquier escritura, cifras y guiones bajos",
  },
  target: {
    word: "objetivo",
    meaning: "un precio al que se cierra una fracción de la posición; el primero es el TP",
  },
  "tick-size": {
    word: "tamaño de tick",
    meaning:
      "el menor paso del precio de un contrato (`tickSize` de `PRICE_FILTER` de Binance); TP y SL son múltiplos de él",
  },
  tp: {
    word: "TP, SL",
    meaning: "objetivo de beneficio y stop de pérdida, los dos precios que terminan una señal",
  },
  "trailing-stop": {
    word: "stop dinámico",
    meaning: "un stop que sigue al mejor precio a una distancia, en pasos enteros, en los cierres",
  },
  "trend-component": {
    word: "componente de tendencia",
    meaning:
      "un componente: cuánto se han movido en la dirección las medias móviles de 21 velas de los intervalos, en unidades del ATR",
  },
  universe: {
    word: "universo",
    meaning: "los símbolos de los que una estrategia abre señales en un cierre, y que ordena",
  },
  "unrealised-result": {
    word: "resultado no realizado",
    meaning: "lo que ganaría una señal abierta al último precio, antes de costes",
  },
  verdict: {
    word: "veredicto",
    meaning:
      "la palabra de una decisión para lo que fue de un cierre: `emitted`, `below_threshold`, `cooldown` y otras",
  },
  "volatility-component": {
    word: "componente de volatilidad",
    meaning:
      "un componente: cuánto supera la amplitud de precios de 15m a la habitual; el mismo para ambas direcciones",
  },
  "vwap-component": {
    word: "componente de VWAP",
    meaning:
      "un componente: cuánto está el precio del lado de la dirección respecto al precio medio ponderado por volumen del día",
  },
  warm: {
    word: "calentado",
    meaning: "un intervalo con velas suficientes para sus indicadores (`warm_bars`)",
  },
  "win-rate": {
    word: "porcentaje de aciertos",
    meaning:
      "la parte de las señales cerradas con ganancia neta; su intervalo contiene la tasa verdadera 95 veces de cada 100",
  },
};
