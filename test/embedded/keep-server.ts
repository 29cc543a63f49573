// A process of its own that starts a server, says so in one line, and then does what its second argument says.
import { startEmbedded } from '../../lib/embedded';

const [dataDirectory = '', then = 'wait', binaries] = process.argv.slice(2);

startEmbedded({ dataDirectory, binaries, settings: { fsync: 'off' } }).then(
  async (server) => {
    process.stdout.write(`${JSON.stringify({ host: server.host, port: server.port, uid: process.getuid?.() })}\n`);
    if (then === 'wait') setInterval(() => undefined, 60_000);
    if (then === 'stop') await server.stop();
    // With `forget`, nothing keeps this process but a server that it has not stopped.
  },
  (error: Error) => {
    process.stderr.write(error.message);
    process.exitCode = 1;
  },
);
