// The peer: socket.io with its Redis adapter, as its documentation shows it. For `make bench` alone.
// Run as `node socketio.js PORT REDIS_URL` where package.json's packages are installed.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const [port, address] = process.argv.slice(2);
const publisher = createClient({ url: address });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);

const http = createServer();
const io = new Server(http, { adapter: createAdapter(publisher, subscriber), perMessageDeflate: false });
io.on("connection", (socket) => {
  socket.join("board");
  socket.on("event", (event) => io.to("board").emit("event", event));
});
http.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
