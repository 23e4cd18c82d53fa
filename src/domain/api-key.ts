/** API keys: what callers other than the customer's own chat prove themselves with (CONTRACT, "Access"). Only hashes are stored. */

/** `admin` includes all the others. */
export const API_KEY_SCOPES = [
  'admin',
  'sessions',
  'knowledge',
  'analytics',
  'traces',
  'process',
  'keys',
  'deliveries',
  'tickets',
] as const;
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];

export interface ApiKey {
  /** `key_` and 16 hex digits: public, names the key in lists and logs. */
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly ApiKeyScope[];
  readonly createdAt: Date;
}

export interface ApiKeyStore {
  /** The secret (`pk_` and 64 hex digits) is returned this once and cannot be found again. */
  create(input: { name: string; scopes: readonly ApiKeyScope[] }): Promise<{ key: ApiKey; secret: string }>;
  /** The key that the secret belongs to; null for any other text. Takes the same time for a wrong secret as for a right one. */
  verify(secret: string): Promise<ApiKey | null>;
  /** Newest first. */
  list(): Promise<ApiKey[]>;
  /** False when unknown. */
  revoke(id: string): Promise<boolean>;
}

export const hasScope = (key: ApiKey, scope: ApiKeyScope): boolean => key.scopes.includes(scope) || key.scopes.includes('admin');
