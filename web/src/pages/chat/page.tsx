/** The chat: questions about the engine's own data. Answers stream, and are shown as plain text. */

import { useEffect, useRef, useState } from "preact/hooks";

import { MAX_QUESTION_LENGTH } from "../../api/chat";
import { Icon } from "../../components/icons";
import { history, isWaiting, type Exchange } from "../../state/conversation";
import type { PageProps } from "../props";
import "./chat.css";
import { t } from "../../text/catalogue";

const SUGGESTIONS = ["trending", "best", "today", "why"] as const;

export function ChatPage({ title, state, live, dispatch }: PageProps) {
  const { chat } = state;
  const busy = chat.some(isWaiting);
  const ask = (question: string) => {
    if (!busy && question.trim() !== "") live.chat(question.trim(), history(chat));
  };
  const end = useRef<HTMLParagraphElement>(null); // below the composer, which covers nothing then
  const last = chat.at(-1);
  useEffect(() => {
    if (chat.length > 0) end.current?.scrollIntoView({ block: "end" });
  }, [chat.length, last?.partial, last?.answer, last?.failure]);
  return (
    <main class="page chat">
      <div class="page-head">
        <h1>{title}</h1>
        {chat.length > 0 && (
          <button
            class="button small"
            type="button"
            onClick={() => dispatch({ type: "chat", action: { type: "cleared" } })}
          >
            {t("chat.new")}
          </button>
        )}
      </div>
      {chat.length === 0 && (
        <div class="empty">
          <Icon name="chat" />
          <h2>{t("chat.ask")}</h2>
          <p>{t("chat.sources")}</p>
          <ul class="suggestions">
            {SUGGESTIONS.map((name) => {
              const text = t(`chat.suggestion_${name}`);
              return (
                <li key={name}>
                  <button class="button" type="button" onClick={() => ask(text)}>
                    {text}
                  </button>
                </li>
              );
            })}
          </ul>
        </div>
      )}
      <div class="exchanges" aria-live="polite" aria-busy={busy}>
        {chat.map((one) => (
          <ExchangeView key={one.id} exchange={one} onRetry={() => ask(one.question)} />
        ))}
      </div>
      <Composer busy={busy} onAsk={ask} />
      <p ref={end} class="muted disclaimer">
        {last?.answer?.disclaimer ?? t("chat.disclaimer")}
      </p>
    </main>
  );
}

function ExchangeView({ exchange, onRetry }: { exchange: Exchange; onRetry: () => void }) {
  const { question, partial, answer, failure } = exchange;
  const text = answer?.text ?? partial;
  return (
    <>
      <p class="bubble mine">{question}</p>
      <div class="bubble theirs">
        {text !== "" && <p class="text">{text}</p>}
        {isWaiting(exchange) && (
          <p class="typing" role="status">
            <span class="unseen">{t("chat.waiting")}</span>
            <span aria-hidden="true">●</span>
            <span aria-hidden="true">●</span>
            <span aria-hidden="true">●</span>
          </p>
        )}
        {failure !== null && (
          <p class="warning" role="alert">
            {failure}{" "}
            <button class="button small" type="button" onClick={onRetry}>
              {t("chat.again")}
            </button>
          </p>
        )}
        {answer !== null && sourceOf(answer.source, answer.used) !== "" && (
          <p class="source muted">{sourceOf(answer.source, answer.used)}</p>
        )}
      </div>
    </>
  );
}

/** The language models, by the answer's source. */
const SOURCES: ReadonlyMap<string, string> = new Map([
  ["ollama", "Ollama"],
  ["bedrock", "Bedrock"],
]);

function sourceOf(source: string, used: readonly string[]): string {
  const model = SOURCES.get(source);
  const rules = source === "rules" ? "" : source; // the answer states it
  const writer = model === undefined ? rules : t("chat.writtenBy", { name: model });
  const from = used.length > 0 ? t("chat.from", { names: used.join(", ") }) : "";
  return [writer, from].filter((part) => part !== "").join(" · ");
}

function Composer({ busy, onAsk }: { busy: boolean; onAsk: (question: string) => void }) {
  const [text, setText] = useState("");
  const send = () => {
    if (busy || text.trim() === "") return;
    onAsk(text);
    setText("");
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label>
        <span class="unseen">{t("chat.question")}</span>
        <textarea
          rows={1}
          maxLength={MAX_QUESTION_LENGTH}
          placeholder={t("chat.placeholder")}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
      </label>
      <button class="button primary" type="submit" disabled={busy || text.trim() === ""}>
        <Icon name="send" />
        <span class="unseen">{t("chat.send")}</span>
      </button>
    </form>
  );
}
