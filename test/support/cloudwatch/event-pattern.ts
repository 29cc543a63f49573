import type { Json } from '../synth';

/**
 * Whether a rule of EventBridge takes an event, for exact values, `suffix`, and `anything-but` with a list: Amazon EventBridge User Guide, Event patterns. A field that the event lacks
 * matches nothing; of a list in the event one value has to match. Every other filter throws.
 */
export function matchesEvent(pattern: Json, event: Json): boolean {
  return Object.entries<Json>(pattern).every(([key, wanted]) => {
    const found = event?.[key];
    if (!Array.isArray(wanted)) return typeof found === 'object' && found !== null && matchesEvent(wanted, found);
    const values = found === undefined ? [] : [found].flat();
    return values.some((value) => wanted.some((one) => {
      if (typeof one !== 'object') return one === value;
      const [[filter, list]] = Object.entries<Json>(one) as [[string, Json]];
      if (filter === 'suffix') return typeof value === 'string' && value.endsWith(list);
      if (filter === 'anything-but') return ![list].flat().includes(value);
      throw new Error(`The filter ${filter} is not known here.`);
    }));
  });
}

/** What the target of a rule gets: the template with what its paths find. */
export function transformed({ input_paths, input_template }: Json, event: Json): string {
  const values: Record<string, string> = Object.fromEntries(Object.entries<string>(input_paths).map(([name, path]) => [name, String(path.replace(/^\$\./, '').split('.').reduce<Json>((value, key) => value?.[key], event))]));
  return JSON.parse((input_template as string).replaceAll(/<(\w+)>/g, (_, name: string) => {
    if (!(name in values)) throw new Error(`The template names <${name}>, and no path finds it.`);
    return JSON.stringify(values[name]).slice(1, -1);
  }));
}
