/** CRC-32 of ISO 3309, as zip files use it. */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** 1980-01-01 00:00, the first day that a zip file knows. */
const DATE = 0x21;
const TIME = 0;
const VERSION = 20;
/** A regular file of Unix that everybody may read: Lambda refuses what it cannot. */
const MODE = 0o100644;
const MADE_BY_UNIX = 3 << 8;

/** A zip file of one text, not compressed: the same bytes for the same text in every run and on every machine, so that a plan stays empty. */
export function zipOf(name: string, text: string): Buffer {
  const file = Buffer.from(name);
  const data = Buffer.from(text);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(VERSION, 0);
  common.writeUInt16LE(TIME, 6);
  common.writeUInt16LE(DATE, 8);
  common.writeUInt32LE(crc32(data), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(data.length, 18);
  common.writeUInt16LE(file.length, 22);

  const local = Buffer.concat([signature(0x04034b50), common, file, data]);
  const attributes = Buffer.alloc(14);
  attributes.writeUInt32LE((MODE << 16) >>> 0, 6);
  const madeBy = Buffer.alloc(2);
  madeBy.writeUInt16LE(MADE_BY_UNIX | VERSION);
  const central = Buffer.concat([signature(0x02014b50), madeBy, common, attributes, file]);

  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, signature(0x06054b50), end]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
