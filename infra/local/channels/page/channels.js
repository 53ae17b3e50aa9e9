// The page of what arrived: a column for each channel, the newest message first, live.
// The server sends lines of runs (shown.py): everything here goes in as text, links by their address.

// The token of this run comes in the fragment of the address, which is never sent, and stays in the
// storage of this origin, which only pages of this server can read.
if (location.hash.length > 1) {
  localStorage.setItem("channels_token", location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}
addEventListener("hashchange", () => location.reload()); // the address was pasted into this tab
const token = localStorage.getItem("channels_token") ?? "";

const MOST = 300; // messages of a column: older ones leave
const TITLES = { discord: "Discord", slack: "Slack", ntfy: "ntfy", webhook: "Webhook", push: "Web push", email: "E-mail" };
const UNKNOWN = "open the address that `signalengine up` printed: it has the token of this run";
const columns = new Map(); // channel -> { list, count, total }
const hour = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function linked(text, address) {
  if (!/^https?:\/\//.test(address)) return document.createTextNode(text);
  const link = element("a", "", text);
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

const TAGS = { bold: "strong", italic: "em", code: "code" };

function runOf({ text, style, address }) {
  if (style === "link") return linked(text, address);
  return TAGS[style] ? element(TAGS[style], "", text) : document.createTextNode(text);
}

function linesInto(target, lines) {
  lines.forEach((line, at) => {
    if (at > 0) target.append("\n");
    target.append(...line.map(runOf));
  });
  return target;
}

function fieldsOf(fields) {
  const list = element("dl");
  for (const [name, lines] of fields) {
    const longest = Math.max(...lines.map((line) => line.map((run) => run.text).join("").length));
    const pair = element("div", longest > 32 ? "wide" : "");
    pair.append(linesInto(element("dt"), [name]), linesInto(element("dd"), lines));
    list.append(pair);
  }
  return list;
}

function payloadOf(payload) {
  const more = element("details");
  more.append(element("summary", "", "request body"));
  const shown = typeof payload === "string" ? payload : JSON.stringify(payload, null, 2);
  more.append(element("pre", "", shown));
  return more;
}

function cardOf(message) {
  const card = element("article");
  if (message.colour) card.style.setProperty("--side", message.colour);
  if (message.title.length > 0) card.append(linesInto(element("h3"), [message.title]));
  if (message.lines.length > 0) card.append(linesInto(element("div", "text"), message.lines));
  if (message.fields.length > 0) card.append(fieldsOf(message.fields));
  if (message.links.length > 0) {
    const links = element("div", "links");
    links.append(...message.links.map(([label, address]) => linked(label, address)));
    card.append(links);
  }
  if (message.footer.length > 0) card.append(linesInto(element("p", "footer"), message.footer));
  card.append(payloadOf(message.payload));
  const at = new Date(message.received_at);
  const quiet = message.silent ? "🔈 silent · " : "";
  const meta = element("time", "meta", `${quiet}${message.destination} · ${hour.format(at)}`);
  meta.dateTime = at.toISOString();
  card.append(meta);
  return card;
}

function columnOf(channel) {
  const known = columns.get(channel);
  if (known) return known;
  const column = element("section");
  const title = element("h2", "", TITLES[channel] ?? channel);
  const count = element("span", "", "0");
  title.append(count);
  const list = element("div", "messages");
  list.setAttribute("role", "log");
  list.setAttribute("aria-label", `Messages of ${TITLES[channel] ?? channel}`);
  list.tabIndex = 0;
  list.append(element("p", "note", "Nothing has arrived yet."));
  column.append(title, list);
  document.getElementById("columns").append(column);
  const made = { list, count, total: 0 };
  columns.set(channel, made);
  return made;
}

function place(message) {
  const column = columnOf(message.channel);
  if (column.total === 0) column.list.replaceChildren();
  column.total += 1;
  column.count.textContent = column.total.toLocaleString();
  column.list.prepend(cardOf(message));
  if (column.list.childElementCount > MOST) column.list.lastElementChild.remove();
}

function setState(text, className) {
  const state = document.getElementById("state");
  state.textContent = text;
  state.className = className;
}

function connect() {
  const stream = new EventSource(`_local/stream?control_token=${encodeURIComponent(token)}`);
  stream.addEventListener("open", () => setState("connected", "live"));
  stream.addEventListener("error", () =>
    setState(stream.readyState === EventSource.CLOSED ? UNKNOWN : "server is gone, waiting for it…", "waiting"),
  );
  stream.addEventListener("reset", () => {
    for (const column of columns.values()) {
      column.total = 0;
      column.count.textContent = "0";
      column.list.replaceChildren(element("p", "note", "Nothing has arrived yet."));
    }
  });
  stream.addEventListener("message", (event) => place(JSON.parse(event.data)));
}

async function begin() {
  const response = await fetch("_local/channels", { headers: { "X-Control-Token": token } });
  if (response.status === 401) return setState(UNKNOWN, "waiting");
  (await response.json()).channels.forEach(columnOf);
  connect();
}

begin().catch(() => setState("server is gone", "waiting"));
