/** The page without a configuration: the reason, and how to fix it. */

export function Broken({ reason }: { reason: string }) {
  return (
    <main class="broken">
      <div role="alert">
        <h1>The dashboard has no valid configuration</h1>
        <p>{reason}.</p>
      </div>
      <p>
        The deployment writes <code>config.json</code> beside <code>index.html</code>, with the
        stack's <code>httpUrl</code> and <code>webSocketUrl</code>. On this machine,{" "}
        <code>make up</code> writes it.
      </p>
      <button class="button" type="button" onClick={() => window.location.reload()}>
        Try again
      </button>
    </main>
  );
}
