// Socket.IO on Node as its manual has it: what is posted goes to every socket.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer((request, response) => {
  if (request.method !== "POST") return void response.end("ready");
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    sockets.emit("changed", JSON.parse(body));
    response.end("said");
  });
});
const sockets = new Server(http, { cors: { origin: "*" } });

http.listen(Number(process.env.PORT), process.env.HOST);
