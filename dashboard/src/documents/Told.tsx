/** What was just done, read aloud. */
export function Told({ text }: { text: string }) {
  return (
    <p role="status" className="mb-2 rounded bg-profit-soft px-3 py-1.5 text-profit empty:hidden">
      {text === "" ? null : `✓ ${text}`}
    </p>
  );
}
