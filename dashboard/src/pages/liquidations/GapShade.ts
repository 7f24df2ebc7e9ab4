import type { IChartApiBase, IPrimitivePaneRenderer, ISeriesPrimitive, Logical, SeriesAttachedParameter, Time } from "lightweight-charts";

type Target = Parameters<IPrimitivePaneRenderer["draw"]>[0];

/** Bands behind the candles where the recording has gaps: what is missing there is not quiet, it is unknown. */
export class GapShade implements ISeriesPrimitive<Time> {
  private chart: IChartApiBase<Time> | null = null;
  private redraw: () => void = () => undefined;
  private bands: readonly (readonly [number, number])[] = [];

  constructor(private readonly colour: string) {}

  show(bands: readonly (readonly [number, number])[]): void {
    this.bands = bands;
    this.redraw();
  }

  attached({ chart, requestUpdate }: SeriesAttachedParameter<Time>): void {
    this.chart = chart;
    this.redraw = requestUpdate;
  }

  detached(): void {
    this.chart = null;
  }

  paneViews() {
    return [{ zOrder: () => "bottom" as const, renderer: () => ({ draw: (target: Target) => this.draw(target) }) }];
  }

  private draw(target: Target): void {
    const scale = this.chart?.timeScale();
    if (scale === undefined) return;
    const half = scale.options().barSpacing / 2;
    target.useBitmapCoordinateSpace(({ context, bitmapSize, horizontalPixelRatio }) => {
      context.fillStyle = this.colour;
      for (const [first, last] of this.bands) {
        const from = scale.logicalToCoordinate(first as Logical);
        const to = scale.logicalToCoordinate(last as Logical);
        if (from === null || to === null) continue;
        const left = (from - half) * horizontalPixelRatio;
        context.fillRect(left, 0, (to + half) * horizontalPixelRatio - left, bitmapSize.height);
      }
    });
  }
}
