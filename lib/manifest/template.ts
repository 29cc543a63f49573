/** What CDKTF leaves in a string for a value that only Terraform knows. */
const TOKEN = /\$\{TfToken\[[^\]]*\]\}/g;

/**
 * Writes plain data as JSON into a Terraform string: Terraform evaluates nothing of it but CDKTF's own tokens.
 *
 * In Terraform's JSON syntax a string is a template in which `${` and `%{` begin an expression, and `$${` and `%%{` stand for the
 * characters themselves. (Terraform, Configuration Language, JSON Configuration Syntax, "Expressions".)
 */
export function toTerraformTemplate(value: unknown): string {
  return mapStrings(JSON.stringify(value));
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

const escapeTemplate = (text: string): string => text.replaceAll('${', '$${').replaceAll('%{', '%%{');

/** What Terraform makes of a template, with the references that it would evaluate left as they are. */
export const fromTerraformTemplate = (template: string): string => template.replaceAll('$${', '${').replaceAll('%%{', '%{');

/** Whether a value of a synthesized, not yet deployed stack still waits for Terraform. */
export const isUnresolved = (text: string): boolean => text.includes('${');
