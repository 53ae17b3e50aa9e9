/** The page without a stack to talk to: says what is missing and how to mend it. */

export function Broken({ reason }: { reason: string }) {
  return (
    <main class="broken">
      <div role="alert">
        <h1>The dashboard does not know its stack</h1>
        <p>{reason}.</p>
      </div>
      <p>
        The deployment writes <code>config.json</code> beside <code>index.html</code>; it names the
        stack's <code>httpUrl</code> and <code>webSocketUrl</code>. Locally, <code>make up</code>{" "}
        does that.
      </p>
      <button class="button" type="button" onClick={() => window.location.reload()}>
        Try again
      </button>
    </main>
  );
}
