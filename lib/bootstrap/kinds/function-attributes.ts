/** What `pg_proc` says of any function, the library's own or a declared one. */
export interface FunctionAttributes {
  readonly owner: string;
  readonly returns: string | null;
  readonly body: string;
  readonly language: string;
  readonly definer: boolean;
  readonly leakproof: boolean;
  readonly volatility: string;
  readonly config: readonly string[] | null;
  readonly acl: string | null;
}

/** Reads all of it but the owner, where `p` is `pg_proc` and `l` is `pg_language`. */
export const ATTRIBUTE_COLUMNS = `pg_get_function_result(p.oid) as returns, p.prosrc as body, l.lanname as language, p.prosecdef as definer, p.proleakproof as leakproof, p.provolatile as volatility,
                  p.proconfig as config, p.proacl::text as acl`;
