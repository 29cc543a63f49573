/** What CDKTF leaves in a string for a value that only Terraform knows. */
const TOKEN = /\$\{TfToken\[[a-zA-Z0-9:._-]+\]\}/g;

/**
 * Writes plain data as JSON into a Terraform string: Terraform evaluates nothing of it but CDKTF's own tokens.
 *
 * In Terraform's JSON syntax a string is a template in which `${` and `%{` begin an expression, and `$${` and `%%{` stand for the
 * characters themselves. (Terraform, Configuration Language, JSON Configuration Syntax, "Expressions".)
 */
export function toTerraformTemplate(value: unknown): string {
  return mapStrings(manifestText(value));
}

/**
 * JSON in ASCII alone, the bytes that come out of Terraform: it normalises the Unicode of every text (NFC), which would change
 * what was declared, and the digest with it.
 */
export function manifestText(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function mapStrings(json: string): string {
  let out = '';
  let from = 0;
  for (const token of json.matchAll(TOKEN)) {
    out += escapeTemplate(json.slice(from, token.index)) + token[0];
    from = token.index + token[0].length;
  }
  return out + escapeTemplate(json.slice(from));
}

// A function, because in a replacement text `$$` would mean one dollar.
const escapeTemplate = (text: string): string => text.replaceAll('${', () => '$${').replaceAll('%{', () => '%%{');

/** What Terraform makes of a template, with the references that it would evaluate left as they are. */
export const fromTerraformTemplate = (template: string): string => template.replaceAll('$${', () => '${').replaceAll('%%{', () => '%{');

/** Whether a value of a synthesized, not yet deployed stack still waits for Terraform. */
export const isUnresolved = (text: string): boolean => text.includes('${');
