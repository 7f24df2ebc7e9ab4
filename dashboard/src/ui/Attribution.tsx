/** The chart library asks to be named. */
export function Attribution() {
  return (
    <p className="label">
      Drawn with{" "}
      <a className="underline" href="https://www.tradingview.com/" rel="noreferrer noopener" target="_blank">
        TradingView Lightweight Charts
      </a>
    </p>
  );
}
