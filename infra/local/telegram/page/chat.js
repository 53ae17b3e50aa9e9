// The chat page: shows what the bot sent as it arrives, and lets a person write to the bot.
// `html` of a message is made by the server from parsed entities (markup.render): only Telegram's
// own tags, everything else escaped. Everything else here goes in as text.

// The token of this run comes in the fragment of the address, which is never sent, and stays in the
// storage of this origin, which only pages of this server can read.
if (location.hash.length > 1) {
  localStorage.setItem("control_token", location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}
addEventListener("hashchange", () => location.reload()); // the address was pasted into this tab
const token = localStorage.getItem("control_token") ?? "";

const byId = (id) => document.getElementById(id);
const log = byId("log");
const field = byId("text");
const messages = new Map(); // "chat:id" -> message
const bubbles = new Map(); // the same key -> its element
let chats = [];
let current = null;
let botName = "";
let started = false; // true once the first batch is on the page: later ones are animated

const key = (message) => `${message.chat_id}:${message.message_id}`;
const timeOf = (message) => new Date(message.received_at);
const hour = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const exact = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "long",
  hourCycle: "h23",
});

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function quote(message) {
  const target = messages.get(`${message.chat_id}:${message.reply_to}`);
  const box = element("button", "quote");
  box.type = "button";
  const [line] = (target?.text ?? "").split("\n");
  box.append(element("b", "", target?.from === "person" ? (target.writer ?? "You") : "SignalEngine"));
  box.append(element("span", "", line || "message is not here"));
  box.addEventListener("click", () => show(target));
  return box;
}

function show(message) {
  const bubble = message && bubbles.get(key(message));
  if (!bubble) return;
  bubble.scrollIntoView({ block: "center", behavior: "smooth" });
  bubble.classList.remove("found");
  requestAnimationFrame(() => bubble.classList.add("found"));
}

function bubbleOf(message) {
  const bubble = element("article", message.writer ? "another" : message.from);
  if (message.writer) bubble.append(element("b", "writer", message.writer));
  if (message.reply_to) bubble.append(quote(message));
  const body = element("div", "body");
  body.innerHTML = message.html;
  const meta = element("time", "meta", (message.topic ? `topic ${message.topic} ` : "") + (message.edited ? "edited " : "") + hour.format(timeOf(message)));
  meta.dateTime = timeOf(message).toISOString();
  meta.title = `${exact.format(timeOf(message))} · message ${message.message_id}`;
  if (message.silent) meta.prepend(element("span", "silent", "🔈 "));
  body.append(meta);
  bubble.append(body);
  if (message.buttons.length > 0) bubble.append(keyboardOf(message));
  return bubble;
}

// Rows of buttons as Telegram draws them: below the bubble, as wide as it.
function keyboardOf(message) {
  const board = element("div", "keyboard");
  for (const row of message.buttons) {
    const line = element("div", "row");
    for (const { text, callback_data: data, url } of row) {
      const button = element("button", "", text);
      button.type = "button";
      const opened = () => window.open(url, "_blank", "noopener");
      const clicked = url ? opened : () => press(message, data, button);
      button.addEventListener("click", clicked);
      line.append(button);
    }
    board.append(line);
  }
  return board;
}

const UNKNOWN = "open the address that `signalengine up` printed: it has the token of this run";
const pressed = new Map(); // a query's id -> the button that waits for the bot's answer

async function press(message, data, button) {
  if (button.classList.contains("waiting")) return;
  button.classList.add("waiting");
  const { chat_id, message_id } = message;
  const { ok, answer } = await post("_local/press", { chat_id, message_id, data });
  if (ok) pressed.set(answer.query_id, button);
  else release(button, `Not pressed: ${answer.error ?? answer.description}`);
  setTimeout(() => release(button), 15_000); // as Telegram: the spinner ends by itself
}

function release(button, words) {
  button.classList.remove("waiting");
  if (words) toast(words);
}

function toast(text, alert = false) {
  const shown = byId("toast");
  shown.textContent = text;
  shown.classList.toggle("alert", alert);
  shown.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => (shown.hidden = true), alert ? 6000 : 2500);
}

function answered(toasts) {
  for (const { query_id, text, alert } of toasts) {
    const button = pressed.get(query_id);
    if (!button) continue;
    pressed.delete(query_id);
    release(button);
    if (text) toast(text, alert);
  }
}

function place(message) {
  const old = bubbles.get(key(message));
  const bubble = bubbleOf(message);
  bubbles.set(key(message), bubble);
  if (old) {
    old.replaceWith(bubble);
    return;
  }
  const date = day.format(timeOf(message));
  if (log.dataset.day !== date) log.append(element("p", "day", date));
  log.dataset.day = date;
  if (started) bubble.classList.add("fresh");
  log.append(bubble);
}

const atBottom = () => log.scrollHeight - log.scrollTop - log.clientHeight < 80;

function toBottom() {
  log.scrollTop = log.scrollHeight;
  byId("newest").hidden = true;
}

// A replay sends thousands of messages at once: they are placed together, and only the newest stay.
const MOST_BUBBLES = 1000;
const waiting = [];

function receive(message) {
  if (waiting.push(message) === 1) setTimeout(placeWaiting, 16);
}

function placeWaiting() {
  const stay = !atBottom();
  const fresh = waiting.splice(0).slice(-MOST_BUBBLES * 2);
  fresh.forEach((message) => messages.set(key(message), message));
  const own = fresh.filter((message) => message.chat_id === current);
  if (own.length === 0) return;
  byId("empty").hidden = true;
  own.forEach(place);
  forgetOldest();
  if (stay && own.every((message) => message.from === "bot")) byId("newest").hidden = false;
  else toBottom();
}

function forgetOldest() {
  for (const [name, bubble] of bubbles) {
    if (bubbles.size <= MOST_BUBBLES) return;
    bubble.remove();
    bubbles.delete(name);
  }
}

function open(chatId) {
  current = chatId;
  const chat = chats.find((one) => one.id === chatId);
  drawCommands(chat?.commands ?? []);
  field.placeholder = chat && chat.type !== "private" ? `Message, or @${botName} …` : "Message";
  bubbles.clear();
  delete log.dataset.day;
  log.replaceChildren(byId("empty") ?? element("p", "note"));
  const own = [...messages.values()].filter((message) => message.chat_id === chatId);
  byId("empty").hidden = own.length > 0;
  own.slice(-MOST_BUBBLES).forEach(place);
  drawTabs();
  toBottom();
}

function drawTabs() {
  const tabs = byId("chats");
  tabs.hidden = chats.length < 2;
  tabs.replaceChildren(
    ...chats.map((chat) => {
      const tab = element("button", "", chat.title ?? chat.first_name);
      tab.type = "button";
      tab.setAttribute("aria-current", String(chat.id === current));
      tab.addEventListener("click", () => open(chat.id));
      return tab;
    }),
  );
}

function drawCommands(commands) {
  const asks = (text) => /\bSYMBOL\b|\bID\b|\bCHAT\b|something/.test(text);
  const rows = commands.map(({ command, description }) => {
    const row = element("button");
    row.type = "button";
    row.append(element("b", "", `/${command}`), element("span", "", description));
    row.addEventListener("click", () => {
      toggleMenu(false);
      // a command that wants a word more is left in the field, to be finished there
      if (!asks(description) || command === "signals") return say(`/${command}`);
      field.value = `/${command} `;
      field.focus();
    });
    const item = element("li");
    item.append(row);
    return item;
  });
  byId("commands").replaceChildren(...rows);
  byId("menu").hidden = rows.length === 0;
}

function toggleMenu(visible) {
  byId("commands").hidden = !visible;
  byId("menu").setAttribute("aria-expanded", String(visible));
}

function hint(text) {
  byId("hint").textContent = text;
  byId("hint").hidden = !text;
}

async function refresh() {
  const response = await fetch("_local/chats", { headers: { "X-Control-Token": token } });
  if (response.status === 401) throw new Error(UNKNOWN);
  const known = await response.json();
  chats = known.chats;
  byId("title").textContent = known.bot.first_name;
  botName = known.bot.username;
  drawCommands(chats.find((chat) => chat.id === current)?.commands ?? []);
  answered(known.toasts);
  if (!chats.some((chat) => chat.id === current)) open(chats[0]?.id ?? null);
  return known;
}

async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Control-Token": token },
    body: JSON.stringify(body),
  });
  return { ok: response.ok, answer: await response.json() };
}

async function say(text) {
  const known = await refresh();
  const { ok, answer } = await post("_local/say", { chat_id: current, text });
  if (!ok) hint(`Not sent: ${answer.error ?? answer.description}`);
  else hint(known.webhook ? "" : "The bot has set no webhook yet, so it does not receive this message.");
}

function setState(text, className) {
  byId("state").textContent = text;
  byId("state").className = className;
}

function connect() {
  const stream = new EventSource(`_local/stream?control_token=${encodeURIComponent(token)}`);
  stream.addEventListener("open", () => {
    setState("bot · connected", "live");
    refresh().then(() => requestAnimationFrame(() => (started = true)));
  });
  stream.addEventListener("error", () =>
    setState(stream.readyState === EventSource.CLOSED ? UNKNOWN : "server is gone, waiting for it…", "waiting"),
  );
  stream.addEventListener("bot", () => refresh());
  stream.addEventListener("reset", () => {
    waiting.length = 0;
    messages.clear();
    open(current);
  });
  stream.addEventListener("message", (event) => receive(JSON.parse(event.data)));
}

byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  byId("send").disabled = true;
  say(text).catch(() => hint("Not sent: the server is gone."));
});
field.addEventListener("input", () => (byId("send").disabled = !field.value.trim()));
byId("menu").addEventListener("click", async () => {
  await refresh();
  toggleMenu(byId("commands").hidden);
});
document.addEventListener("keydown", (event) => event.key === "Escape" && toggleMenu(false));
byId("newest").addEventListener("click", toBottom);
log.addEventListener("scroll", () => atBottom() && (byId("newest").hidden = true));

refresh().then(connect, (error) => (error.message === UNKNOWN ? setState(UNKNOWN, "waiting") : connect()));
