import { forecast, type GivenLimit, limitOf, placeOf, readSeries } from '../../forecast';
import { json } from '../documents';
import { EXIT } from '../exit';
import { forecastText } from '../output/forecast-text';
import { colorsFor, type Streams } from '../streams';

export interface ForecastCommandOptions extends GivenLimit {
  readonly within: number;
  readonly format: 'text' | 'json';
}

export function forecastCommand(file: string, { within, format, ...limits }: ForecastCommandOptions, streams: Streams): number {
  const limit = limitOf(limits);
  const forecasts = forecast(readSeries(file), { limit, within, now: Date.now(), at: placeOf(file) });
  streams.out.write(format === 'json' ? json({ format: 'tenantry/forecast@1', within, forecasts }) : forecastText(forecasts, colorsFor(streams)));
  return forecasts.some((one) => one.within) ? EXIT.differences : EXIT.done;
}
