import { type GrpcObject, type handleBidiStreamingCall, type handleUnaryCall, loadPackageDefinition, Server, ServerCredentials, type ServerUnaryCall, type ServiceClientConstructor, status } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { DESCRIPTOR } from './messages';
import type { ProviderService } from './provider-service';

export interface MutualTls {
  readonly key: string;
  readonly certificate: string;
  /** The only certificate that a client may show. */
  readonly client: string;
}

export interface ServerOptions {
  /** Path of a socket, or nothing for a port of the local machine. */
  readonly socket?: string;
  /** @default - none: for a server in the process of a test or a rehearsal, which listens on the local machine only */
  readonly tls?: MutualTls;
  /**
   * A provider for each connection. Terraform opens one connection for each configuration of a provider, so that what one alias is
   * configured with never reaches another.
   */
  readonly connect: () => ProviderService;
  /** Terraform asks the plugin to end. */
  readonly onShutdown?: () => void;
  /** A method failed by a fault of ours. */
  readonly onFault?: (method: string, error: unknown) => void;
}

export interface RunningServer {
  /** `127.0.0.1:port`, or the path of the socket. */
  readonly address: string;
  close(): void;
}

/** Serves a provider to Terraform. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const definition = loadPackageDefinition(fromJSON(DESCRIPTOR as Parameters<typeof fromJSON>[0], { keepCase: true, longs: Number, defaults: true, arrays: true })) as { tfplugin5: GrpcObject; plugin: GrpcObject };
  const service = (object: GrpcObject, name: string) => (object[name] as ServiceClientConstructor).service;
  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  const connections = new Map<string, ProviderService>();
  const providerOf = (call: ServerUnaryCall<unknown, unknown>): ProviderService => {
    const known = connections.get(call.getPeer()) ?? options.connect();
    connections.set(call.getPeer(), known);
    return known;
  };
  const methods = Object.keys(service(definition.tfplugin5, 'Provider'));
  server.addService(service(definition.tfplugin5, 'Provider'), Object.fromEntries(methods.map((method): [string, handleUnaryCall<unknown, unknown>] => [method, (call, answer) => {
    try {
      const provider = providerOf(call) as unknown as Record<string, (request: unknown) => unknown>;
      answer(null, provider[method]?.(call.request));
    } catch (error) {
      options.onFault?.(method, error);
      answer({ code: status.INTERNAL, message: error instanceof Error ? error.message : String(error) });
    }
  }])));
  const shutdown: handleUnaryCall<unknown, unknown> = (_call, answer) => {
    answer(null, {});
    setImmediate(() => options.onShutdown?.());
  };
  // Opened at once by Terraform's plugin library, and held open to the end.
  const hold: handleBidiStreamingCall<unknown, unknown> = (call) => {
    call.on('data', () => undefined).on('error', () => undefined);
  };
  server.addService(service(definition.plugin, 'GRPCController'), { Shutdown: shutdown });
  server.addService(service(definition.plugin, 'GRPCBroker'), { StartStream: hold });
  server.addService(service(definition.plugin, 'GRPCStdio'), { StreamStdio: (call: { on(event: string, listener: () => void): unknown }) => void call.on('error', () => undefined) });
  const { tls } = options;
  const credentials = tls === undefined ? ServerCredentials.createInsecure() : ServerCredentials.createSsl(Buffer.from(tls.client), [{ private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.certificate) }], true);
  const address = options.socket === undefined ? '127.0.0.1:0' : `unix:${options.socket}`;
  const port = await new Promise<number>((done, failed) => server.bindAsync(address, credentials, (error, bound) => (error === null ? done(bound) : failed(error))));
  return { address: options.socket ?? `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}
