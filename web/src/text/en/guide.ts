export const guide = {
  title: "How a signal works",
  about: "From the bar to the costs: one real signal, with its own numbers.",
  noSignal: "No signal has been opened yet. The first closed one is explained here.",
  noneClosed:
    "No signal has closed yet. The first closed one is explained here; an open one can be read on the signals page.",
  bar: "The bar",
  barText:
    "At {time} the 1m bar of {symbol} closed at {price}. The engine decides on closed bars only, which never change afterwards.",
  barPrices: "Open {open}, high {high}, low {low}, close {close}.",
  events: "The events",
  eventsText:
    "This close had events. Without an event in a direction within the last 15 minutes, nothing opens.",
  eventsBefore: "This close had no event of its own: one shortly before it supports the direction.",
  event: "{kind} on {interval}, {side}, strength {strength} of 100",
  components: "The components and the score",
  componentsText: "Seven components measure how much the bars support a {side}, from 0 to 100:",
  scoreText: "Their mean, weighted by the policy, is the score: {score}.",
  verdict: "The verdict",
  verdictText: "The score of {score} was enough.",
  verdictOver: "The score of {score} was enough: signals are published from {threshold} on.",
  verdictOther: "A {side} scored {score}.",
  stored: "Stored with the decision: {reason}.",
  levels: "The levels",
  atrs: "{n} ATR",
  levelsText:
    "Entry at the close, {entry}. Target (TP) at {tp}: {tpAway}. Stop (SL) at {sl}: {slAway}.",
  riskText: "Risk to reward {ratio}.",
  expiryText: "It expires after {span}, at {time}.",
  messages: "The messages",
  messagesText: {
    one: "{n} message about it was sent.",
    other: "{n} messages about it were sent.",
  },
  message: "{kind} by {channel}: {state}, {latency} after the commit",
  settlement: "The end",
  stillOpen: "It is still open: the bars to come decide.",
  settlementText: "{outcome}, at {price}, after {span}.",
  excursions: "On the way it showed {mfe} at best and {mae} at worst.",
  costs: "The costs",
  costsText:
    "Fees and slippage are paid at the entry and at the exit, whatever the result. Statistics count the net return.",
} as const;
