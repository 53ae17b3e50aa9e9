export const status = {
  open: "Open",
  tp_hit: "TP hit",
  sl_hit: "SL hit",
  expired: "Expired",
  left: "Left",
  all: "All",
  closed: "Closed",
  tabOpen: "Open",
  tabExpired: "Expired",
  tabLeft: "Left",
  LONG: "LONG",
  SHORT: "SHORT",
} as const;
