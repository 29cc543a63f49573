export { type Forecast, forecast, type ForecastSettings } from './forecast';
export { type GivenLimit, type Limit, limitOf } from './limit';
export { placeOf, readSeries } from './read-series';
export { runbookOf } from './runbooks';
export type { Point, Series } from './series';
