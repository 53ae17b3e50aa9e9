export const chat = {
  title: "Chat",
  disclaimer: "Signals and answers are not financial advice.",
  new: "New chat",
  ask: "Ask about the market and the signals",
  sources: "Answers come from the engine's own data: scores, signals, statistics, reasons.",
  waiting: "Waiting for the answer",
  again: "Ask again",
  writtenBy: "Written by a language model ({name})",
  from: "from: {names}",
  question: "Your question",
  placeholder: "Ask about symbols, signals, results…",
  send: "Send",
} as const;
