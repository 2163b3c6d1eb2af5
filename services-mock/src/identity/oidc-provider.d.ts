/** What of oidc-provider 9 the shop's identity provider uses; the package ships no types. */
declare module 'oidc-provider' {
  type IncomingMessage = import('node:http').IncomingMessage;
  type ServerResponse = import('node:http').ServerResponse;

  interface OidcClient {
    readonly clientId: string;
    readonly clientName?: string;
    readonly scope?: string;
    grantTypeAllowed(type: string): boolean;
  }

  interface OidcGrant {
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    save(): Promise<string>;
  }

  /** A Koa context, and in `oidc` what is known of the request. */
  interface OidcContext {
    status: number;
    type: string;
    body: unknown;
    set(name: string, value: string): void;
    readonly oidc: {
      readonly client: OidcClient | undefined;
      /** The parameters the route or the grant declares; a parameter may be absent. */
      readonly params: Readonly<Record<string, string | undefined>>;
      readonly requestParamOIDCScopes: ReadonlySet<string>;
      readonly resourceServers: Readonly<Record<string, { readonly scopes: ReadonlySet<string> }>>;
      readonly session?: {
        readonly accountId?: string;
        readonly state?: { readonly postLogoutRedirectUri?: string };
        grantIdFor(clientId: string): string | undefined;
      };
      readonly entities: { readonly IdTokenHint?: unknown };
      readonly route: string;
    };
  }

  /** A token or code about to be made. */
  interface OidcSource {
    readonly kind: string;
    readonly accountId?: string;
  }

  interface OidcInteraction {
    readonly uid: string;
    readonly prompt: { readonly name: string };
    readonly params: Readonly<Record<string, unknown>>;
    readonly returnTo: string;
  }

  interface OidcAccount {
    readonly accountId: string;
    claims(): Promise<Readonly<Record<string, unknown>>>;
  }

  /** Where everything that outlives a request is kept; one per model. */
  interface OidcAdapter {
    upsert(id: string, payload: Record<string, unknown>, expiresIn?: number): Promise<void>;
    find(id: string): Promise<Record<string, unknown> | undefined>;
    findByUid(uid: string): Promise<Record<string, unknown> | undefined>;
    findByUserCode(code: string): Promise<undefined>;
    consume(id: string): Promise<void>;
    destroy(id: string): Promise<void>;
    revokeByGrantId(grantId: string): Promise<void>;
  }

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    /** Koa writes errors to the console unless told. */
    silent: boolean;
    readonly Grant: {
      new (grant: { readonly clientId: string; readonly accountId: string }): OidcGrant;
      find(id: string): Promise<OidcGrant | undefined>;
    };
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<OidcInteraction>;
    interactionResult(
      request: IncomingMessage,
      response: ServerResponse,
      result: Readonly<Record<string, unknown>>,
    ): Promise<string>;
    registerGrantType(
      name: string,
      handler: (context: OidcContext) => Promise<void>,
      parameters: readonly string[],
    ): void;
    on(event: 'server_error', listener: (context: OidcContext, error: Error) => void): this;
  }

  export const errors: Readonly<
    Record<
      'InvalidGrant' | 'InvalidRequest' | 'InvalidScope' | 'InvalidTarget' | 'SessionNotFound',
      new (
        description: string,
      ) => Error
    >
  >;

  export const interactionPolicy: {
    base(): { remove(prompt: string): void };
  };

  export type { OidcAccount, OidcAdapter, OidcClient, OidcContext, OidcGrant, OidcInteraction, OidcSource };
}
