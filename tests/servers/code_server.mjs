// A correct POST /code on Node's own http, kept small: it must pass every check.
// node code_server.mjs PORT (0 takes a free one); ends on SIGTERM, and when its standard input is closed.
import { createServer } from "node:http";
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import * as zlib from "node:zlib";

const WIDTH = 160;
const HEIGHT = 60;
const SCALE = 5;

// 5 columns by 7 rows, a row to a number, the leftmost column in the highest bit.
const FONT = {
  0: [14, 17, 19, 21, 25, 17, 14], 1: [4, 12, 4, 4, 4, 4, 14], 2: [14, 17, 1, 6, 8, 16, 31],
  3: [30, 1, 1, 14, 1, 1, 30], 4: [2, 6, 10, 18, 31, 2, 2], 5: [31, 16, 30, 1, 1, 17, 14],
  6: [6, 8, 16, 30, 17, 17, 14], 7: [31, 1, 2, 4, 8, 8, 8], 8: [14, 17, 17, 14, 17, 17, 14],
  9: [14, 17, 17, 15, 1, 2, 12], "+": [0, 4, 4, 31, 4, 4, 0], "=": [0, 0, 31, 0, 31, 0, 0],
  "?": [14, 17, 1, 2, 4, 0, 4],
};

function picture(question) {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3, 255);
  const dot = (x, y, colour) => colour.copy(pixels, (y * WIDTH + x) * 3);
  for (let i = 0; i < 250; i++) dot(randomInt(WIDTH), randomInt(HEIGHT), randomBytes(3));
  [...question].forEach((symbol, place) => {
    const colour = randomBytes(3).map((level) => level >> 1);
    const left = place * 31 + 3 + randomInt(4);
    const top = 8 + randomInt(10);
    FONT[symbol].forEach((bits, row) => {
      for (let column = 0; column < 5; column++) {
        if (!((bits >> (4 - column)) & 1)) continue;
        for (let i = 0; i < SCALE * SCALE; i++) {
          dot(left + column * SCALE + (i % SCALE), top + row * SCALE + Math.floor(i / SCALE), Buffer.from(colour));
        }
      }
    });
  });
  return png(pixels);
}

function png(pixels) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB
  const rows = [];
  for (let y = 0; y < HEIGHT; y++) rows.push(Buffer.of(0), pixels.subarray(y * WIDTH * 3, (y + 1) * WIDTH * 3));
  return Buffer.concat([
    Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    chunk("IDAT", zlib.deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type, data) {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(checksum(named), named.length + 4);
  return framed;
}

// zlib.crc32 is there from Node 20.15 on.
function checksum(bytes) {
  if (zlib.crc32) return zlib.crc32(bytes);
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

const server = createServer((request, response) => {
  request.resume(); // whatever body there is
  const path = request.url.split("?")[0];
  if (path !== "/code") return response.writeHead(404, { "Content-Type": "text/plain" }).end("no such page\n");
  if (request.method !== "POST") return response.writeHead(405, { Allow: "POST" }).end();
  const img = `data:image/png;base64,${picture(`${randomInt(10)}+${randomInt(10)}=?`).toString("base64")}`;
  const answer = { succFlag: true, code: 200, data: { uuid: randomUUID(), img }, msg: null, timestamp: Date.now() };
  response.writeHead(200, { "Content-Type": "application/json; charset=utf-8" });
  response.write(JSON.stringify(answer, null, 2)); // no length: chunked
  response.end();
});

server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
process.stdin.resume().on("end", () => process.exit(0));
