"""Flask-SocketIO on eventlet as its manual has it: what is posted goes to every socket."""

import eventlet

eventlet.monkey_patch()

import os

from flask import Flask, request
from flask_socketio import SocketIO

app = Flask(__name__)
socketio = SocketIO(app, async_mode="eventlet", cors_allowed_origins="*")


@app.get("/readyz")
def ready() -> str:
    return "ready"


@app.post("/say")
def say() -> str:
    socketio.emit("changed", request.get_json())
    return "said"


@socketio.on("connect")
def connect() -> None:
    pass


if __name__ == "__main__":
    socketio.run(app, host=os.environ["HOST"], port=int(os.environ["PORT"]))
