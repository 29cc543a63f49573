export { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from './start';
