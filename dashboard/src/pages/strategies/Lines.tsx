/** Lines that changed. Plus and minus lead each one, so colour says nothing alone. */
export function Lines({ text }: { text: string }) {
  return (
    <pre tabIndex={0} aria-label="Lines that changed" className="max-h-72 overflow-auto p-3 font-mono text-xs">
      {text.split("\n").map((line, place) => (
        <span key={place} className={`block ${line.startsWith("+") ? "text-text" : line.startsWith("-") ? "text-dim" : "text-faint"}`}>
          {line}
        </span>
      ))}
    </pre>
  );
}
