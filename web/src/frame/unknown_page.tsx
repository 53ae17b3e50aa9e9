/** The notice that an address names no page; the first page is shown in its place. */

export function UnknownPage({ path }: { path: string }) {
  return (
    <p class="banner update" role="status">
      There is no page “{path.slice(0, 60)}”: this is the overview.
    </p>
  );
}
