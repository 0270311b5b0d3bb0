// Servers that no one should meet: odd_servers.mjs KIND ADDRESS [ARGUMENT…]. Run inside a network namespace by network.ts.
import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";

const [kind, address, ...args] = process.argv.slice(2);

const serve = (meet) =>
  createServer((socket) => {
    socket.on("error", () => undefined);
    meet(socket);
  }).listen(22, address);

/** Sends a text again and again, as fast as it is taken. */
function repeat(socket, text) {
  const go = () => {
    while (!socket.destroyed && socket.write(text));
  };
  socket.on("drain", go);
  go();
}

/** Passes bytes on, each chunk some milliseconds later, in their order. */
function late(from, to, milliseconds) {
  from.on("data", (chunk) => setTimeout(() => to.destroyed || to.write(chunk), milliseconds));
  from.on("close", () => setTimeout(() => to.destroy(), milliseconds));
}

/** Listens with the shortest backlog, fills it, and stops for good: the kernel then drops what asks for a connection. */
function fullBacklog() {
  const server = createServer().listen({ host: address, port: 22, backlog: 1 }, () => {
    for (let count = 0; count < 8; count++) connect(22, address).on("error", () => undefined);
    setTimeout(() => process.kill(process.pid, "SIGSTOP"), 50);
  });
  server.on("connection", (socket) => socket.pause());
}

/** "0x04 mail 0x05 world 0x00" behind the twelve bytes of a DNS header, in lower case with dots. */
function askedName(query) {
  const labels = [];
  for (let at = 12; query[at] > 0; at += query[at] + 1) labels.push(query.toString("latin1", at + 1, at + 1 + query[at]));
  return labels.join(".").toLowerCase();
}

/** A name server: an address for a name given as NAME=ADDRESS, silence for *.silent.test, and "no such name" for all others (RFC 1035). */
function nameServer() {
  const known = new Map(args.map((pair) => pair.split("=")));
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address: from }) => {
    const name = askedName(query);
    if (name.endsWith(".silent.test")) return;
    const end = query.indexOf(0, 12) + 5;
    const isAddress = query.readUInt16BE(end - 4) === 1;
    const found = known.get(name);
    const header = Buffer.from([query[0], query[1], 0x81, found ? 0x80 : 0x83, 0, 1, 0, found && isAddress ? 1 : 0, 0, 0, 0, 0]);
    const answer = found && isAddress ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...found.split(".").map(Number)] : [];
    socket.send(Buffer.concat([header, query.subarray(12, end), Buffer.from(answer)]), port, from);
  });
  socket.bind(53, address);
}

const kinds = {
  "says-nothing": () => serve((socket) => socket.resume()),
  "speaks-http": () => serve((socket) => socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")),
  garbage: () => serve((socket) => repeat(socket, Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 167 + 13) % 256)))),
  "endless-lines": () => serve((socket) => repeat(socket, "You have reached a very talkative server.\r\n")),
  "endless-line": () => serve((socket) => repeat(socket, "SSH-".repeat(1024))),
  "banner-only": () => serve((socket) => socket.resume().write("SSH-2.0-OpenSSH_9.2p1\r\n")),
  "dripping-banner": () =>
    serve((socket) => {
      const timer = setInterval(() => socket.write("."), 200);
      socket.resume().on("close", () => clearInterval(timer));
    }),
  "full-backlog": fullBacklog,
  /** Holds a connection to a real server, and never logs in. */
  idler: () =>
    connect(22, address)
      .on("error", () => undefined)
      .resume(),
  names: nameServer,
  late: () =>
    serve((socket) => {
      const behind = connect({ host: args[0], port: 22, noDelay: true }).on("error", () => undefined);
      late(socket.setNoDelay(true), behind, Number(args[1]));
      late(behind, socket, Number(args[1]));
    }),
};

kinds[kind]();
